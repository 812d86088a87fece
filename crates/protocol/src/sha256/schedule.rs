//! The compression function in plain Rust, for constants, and the byte order of messages.

use super::Words;

/// The initial state of SHA-256.
pub const INITIAL: Words = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

const ROUND: [u32; 64] = [
    0x428a_2f98,
    0x7137_4491,
    0xb5c0_fbcf,
    0xe9b5_dba5,
    0x3956_c25b,
    0x59f1_11f1,
    0x923f_82a4,
    0xab1c_5ed5,
    0xd807_aa98,
    0x1283_5b01,
    0x2431_85be,
    0x550c_7dc3,
    0x72be_5d74,
    0x80de_b1fe,
    0x9bdc_06a7,
    0xc19b_f174,
    0xe49b_69c1,
    0xefbe_4786,
    0x0fc1_9dc6,
    0x240c_a1cc,
    0x2de9_2c6f,
    0x4a74_84aa,
    0x5cb0_a9dc,
    0x76f9_88da,
    0x983e_5152,
    0xa831_c66d,
    0xb003_27c8,
    0xbf59_7fc7,
    0xc6e0_0bf3,
    0xd5a7_9147,
    0x06ca_6351,
    0x1429_2967,
    0x27b7_0a85,
    0x2e1b_2138,
    0x4d2c_6dfc,
    0x5338_0d13,
    0x650a_7354,
    0x766a_0abb,
    0x81c2_c92e,
    0x9272_2c85,
    0xa2bf_e8a1,
    0xa81a_664b,
    0xc24b_8b70,
    0xc76c_51a3,
    0xd192_e819,
    0xd699_0624,
    0xf40e_3585,
    0x106a_a070,
    0x19a4_c116,
    0x1e37_6c08,
    0x2748_774c,
    0x34b0_bcb5,
    0x391c_0cb3,
    0x4ed8_aa4a,
    0x5b9c_ca4f,
    0x682e_6ff3,
    0x748f_82ee,
    0x78a5_636f,
    0x84c8_7814,
    0x8cc7_0208,
    0x90be_fffa,
    0xa450_6ceb,
    0xbef9_a3f7,
    0xc671_78f2,
];

/// The block that pads a message of 64 bytes.
pub const PADDING_AFTER_64: [u32; 16] =
    [0x8000_0000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 512];

/// One compression with feed-forward, evaluated by the compiler for the tables of initial states.
///
/// Programs call [`Compression`](super::Compression), which is fast on each target.
pub const fn compress(state: &Words, block: &[u32; 16]) -> Words {
    rounds(state, &expand(block))
}

/// The message schedule of a block.
pub(super) const fn expand(block: &[u32; 16]) -> [u32; 64] {
    let mut schedule = [0u32; 64];
    let mut index = 0;
    while index < 64 {
        schedule[index] = if index < 16 {
            block[index]
        } else {
            let early = schedule[index - 15];
            let late = schedule[index - 2];
            let first = early.rotate_right(7) ^ early.rotate_right(18) ^ (early >> 3);
            let second = late.rotate_right(17) ^ late.rotate_right(19) ^ (late >> 10);
            schedule[index - 16]
                .wrapping_add(first)
                .wrapping_add(schedule[index - 7])
                .wrapping_add(second)
        };
        index += 1;
    }
    schedule
}

#[expect(
    clippy::many_single_char_names,
    reason = "FIPS 180-4 names the variables so"
)]
const fn rounds(state: &Words, schedule: &[u32; 64]) -> Words {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    let mut index = 0;
    while index < 64 {
        let sum = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let choice = (e & f) ^ (!e & g);
        let first = h
            .wrapping_add(sum)
            .wrapping_add(choice)
            .wrapping_add(ROUND[index])
            .wrapping_add(schedule[index]);
        let sum = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let second = sum.wrapping_add(majority);
        (h, g, f, e) = (g, f, e, d.wrapping_add(first));
        (d, c, b, a) = (c, b, a, first.wrapping_add(second));
        index += 1;
    }
    [
        state[0].wrapping_add(a),
        state[1].wrapping_add(b),
        state[2].wrapping_add(c),
        state[3].wrapping_add(d),
        state[4].wrapping_add(e),
        state[5].wrapping_add(f),
        state[6].wrapping_add(g),
        state[7].wrapping_add(h),
    ]
}

/// Reverses the bytes within each half of a word.
///
/// The zkVM has no instruction for it; two halves at once take as many steps as one.
pub const fn swap_pair(word: u64) -> u64 {
    let bytes = (word & 0x00ff_00ff_00ff_00ff) << 8 | (word >> 8) & 0x00ff_00ff_00ff_00ff;
    (bytes & 0x0000_ffff_0000_ffff) << 16 | (bytes >> 16) & 0x0000_ffff_0000_ffff
}

/// Two message words from eight message bytes that were read as a little-endian number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "each half is taken on its own"
)]
pub const fn message_pair(word: u64) -> [u32; 2] {
    let swapped = swap_pair(word);
    [swapped as u32, (swapped >> 32) as u32]
}
