//! The compression function: SP1's precompile in the zkVM, plain code elsewhere (build scripts, tests).

pub(crate) use backend::compress;

/// The state between blocks. One word of SHA-256 per 64-bit word, as the precompile wants it.
pub(crate) type State = [u64; 8];

/// The state before the first block (FIPS 180-4, section 5.3.3).
pub(crate) const INITIAL: State = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Raw compression of whole blocks.
#[cfg(feature = "compress")]
pub fn compress256(
    state: &mut [u32; 8],
    blocks: &[digest::generic_array::GenericArray<u8, digest::typenum::U64>],
) {
    let mut wide = state.map(u64::from);
    for block in blocks {
        compress(&mut wide, block.as_ref());
    }
    for (word, wide) in state.iter_mut().zip(wide) {
        *word = u32::try_from(wide).expect("the compression keeps each word below 2^32");
    }
}

/// The word `index` of a block.
fn word(block: &[u8; 64], index: usize) -> u32 {
    let at = 4 * index;
    u32::from_be_bytes([block[at], block[at + 1], block[at + 2], block[at + 3]])
}

#[cfg(target_os = "zkvm")]
mod backend {
    use core::mem::MaybeUninit;

    use super::{State, word};

    #[expect(unsafe_code, reason = "the precompile is a function of the runtime")]
    unsafe extern "C" {
        fn syscall_sha256_extend(schedule: *mut [u64; 64]);
        fn syscall_sha256_compress(schedule: *mut [u64; 64], state: *mut State);
    }

    #[inline]
    #[expect(unsafe_code, reason = "the precompile is reached through pointers")]
    pub(crate) fn compress(state: &mut State, block: &[u8; 64]) {
        let mut schedule = MaybeUninit::<[u64; 64]>::uninit();
        let start = schedule.as_mut_ptr().cast::<u64>();
        for index in 0..16 {
            // SAFETY: index is below 64, the length of the schedule.
            unsafe { start.add(index).write(u64::from(word(block, index))) };
        }
        // SAFETY: both pointers are to owned memory, aligned to 8 bytes by their type; `extend` writes the 48
        // words after the first 16, so that `compress` reads initialised words only.
        unsafe {
            syscall_sha256_extend(schedule.as_mut_ptr());
            syscall_sha256_compress(schedule.as_mut_ptr(), state);
        }
    }
}

#[cfg(not(target_os = "zkvm"))]
mod backend {
    use super::{State, word};

    /// The fractional parts of the cube roots of the first 64 primes (FIPS 180-4, section 4.2.2).
    const CONSTANTS: [u32; 64] = constants();

    #[expect(
        clippy::cast_possible_truncation,
        reason = "the state's words are below 2^32 by construction"
    )]
    pub(crate) fn compress(state: &mut State, block: &[u8; 64]) {
        let mut schedule = [0_u32; 64];
        for index in 0..16 {
            schedule[index] = word(block, index);
        }
        for index in 16..64 {
            let (early, late) = (schedule[index - 15], schedule[index - 2]);
            let first = early.rotate_right(7) ^ early.rotate_right(18) ^ (early >> 3);
            let second = late.rotate_right(17) ^ late.rotate_right(19) ^ (late >> 10);
            schedule[index] = schedule[index - 16]
                .wrapping_add(first)
                .wrapping_add(schedule[index - 7])
                .wrapping_add(second);
        }
        let mut words = state.map(|word| word as u32);
        for (scheduled, constant) in schedule.into_iter().zip(CONSTANTS) {
            words = round(words, scheduled.wrapping_add(constant));
        }
        for (word, added) in state.iter_mut().zip(words) {
            *word = u64::from((*word as u32).wrapping_add(added));
        }
    }

    #[expect(clippy::many_single_char_names, reason = "the names of FIPS 180-4")]
    const fn round([a, b, c, d, e, f, g, h]: [u32; 8], added: u32) -> [u32; 8] {
        let choice = (e & f) ^ (!e & g);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let upper = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
        let lower = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
        let first = h
            .wrapping_add(upper)
            .wrapping_add(choice)
            .wrapping_add(added);
        let second = lower.wrapping_add(majority);
        [
            first.wrapping_add(second),
            a,
            b,
            c,
            d.wrapping_add(first),
            e,
            f,
            g,
        ]
    }

    /// Computes the constants: 32 bits after the point of each cube root, by bisection.
    const fn constants() -> [u32; 64] {
        let mut constants = [0; 64];
        let mut candidate: u128 = 2;
        let mut found = 0;
        while found < 64 {
            if is_prime(candidate) {
                // floor(2^32 * cbrt(p)) is the largest r with r^3 <= p * 2^96; r < 2^35 as p < 512.
                let (mut low, mut high) = (0_u128, 1_u128 << 35);
                while high - low > 1 {
                    let middle = (low + high) / 2;
                    if middle * middle * middle <= candidate << 96 {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                constants[found] = (low & 0xffff_ffff) as u32;
                found += 1;
            }
            candidate += 1;
        }
        constants
    }

    const fn is_prime(candidate: u128) -> bool {
        let mut divisor = 2;
        while divisor * divisor <= candidate {
            if candidate % divisor == 0 {
                return false;
            }
            divisor += 1;
        }
        true
    }
}
