//! Keccak-256: SP1's permutation in the zkVM, `tiny-keccak` elsewhere.

pub use backend::keccak256;

#[cfg(not(target_os = "zkvm"))]
mod backend {
    use tiny_keccak::{Hasher, Keccak};

    /// Keccak-256, as Ethereum uses it.
    pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
        let mut hash = [0; 32];
        let mut keccak = Keccak::v256();
        keccak.update(bytes);
        keccak.finalize(&mut hash);
        hash
    }
}

#[cfg(target_os = "zkvm")]
mod backend {
    /// Bytes that are absorbed between two permutations.
    const RATE: usize = 136;
    const RATE_WORDS: usize = RATE / 8;

    #[expect(unsafe_code, reason = "the precompile is a function of the runtime")]
    unsafe extern "C" {
        fn syscall_keccak_permute(state: *mut [u64; 25]);
    }

    #[expect(unsafe_code, reason = "the precompile is reached through a pointer")]
    fn permute(state: &mut [u64; 25]) {
        // SAFETY: the pointer is to an owned state, aligned to 8 bytes by its type.
        unsafe { syscall_keccak_permute(state) }
    }

    /// Keccak-256, as Ethereum uses it.
    pub fn keccak256(bytes: &[u8]) -> [u8; 32] {
        let mut state = [0_u64; 25];
        let (blocks, rest) = bytes.as_chunks::<RATE>();
        for block in blocks {
            // Nodes of a proof are aligned; then a word is one load instead of eight.
            if let Ok(words) = bytemuck::try_from_bytes::<[u64; RATE_WORDS]>(block) {
                state
                    .iter_mut()
                    .zip(words)
                    .for_each(|(lane, word)| *lane ^= word);
            } else {
                absorb(&mut state, block);
            }
            permute(&mut state);
        }
        absorb(&mut state, rest);
        state[rest.len() / 8] ^= 1 << (8 * (rest.len() % 8));
        state[RATE_WORDS - 1] ^= 1 << 63;
        permute(&mut state);
        let mut hash = [0; 32];
        for (bytes, lane) in hash.chunks_exact_mut(8).zip(state) {
            bytes.copy_from_slice(&lane.to_le_bytes());
        }
        hash
    }

    fn absorb(state: &mut [u64; 25], bytes: &[u8]) {
        if let Ok(words) = bytemuck::try_cast_slice::<u8, u64>(&bytes[..bytes.len() / 8 * 8]) {
            state
                .iter_mut()
                .zip(words)
                .for_each(|(lane, word)| *lane ^= word);
        } else {
            let whole = bytes.as_chunks::<8>().0;
            state
                .iter_mut()
                .zip(whole)
                .for_each(|(lane, word)| *lane ^= u64::from_le_bytes(*word));
        }
        let tail = bytes.as_chunks::<8>().1;
        let mut word = [0; 8];
        word[..tail.len()].copy_from_slice(tail);
        state[bytes.len() / 8] ^= u64::from_le_bytes(word);
    }
}
