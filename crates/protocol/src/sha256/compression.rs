//! `Compression`: the compression function of SHA-256, where host and zkVM differ.
//!
//! On the host it is crate `sha2`, which uses the processor's instructions; in the zkVM it is the pair
//! of precompiles, whose word arrays are kept here so that they are cleared once and not per block.

pub use target::Compression;

#[cfg(not(target_os = "zkvm"))]
mod target {
    use crate::sha256::{INITIAL, PADDING_AFTER_64, Words};

    /// The compression function of SHA-256.
    #[derive(Debug, Clone, Default)]
    pub struct Compression;

    impl Compression {
        /// Prepares the function.
        pub const fn new() -> Self {
            Self
        }

        /// The state after one block.
        #[must_use]
        pub fn block(&mut self, state: &Words, block: &[u32; 16]) -> Words {
            let mut bytes = [0; 64];
            for (target, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(block) {
                *target = word.to_be_bytes();
            }
            let mut state = *state;
            sha2::compress256(&mut state, &[bytes.into()]);
            state
        }

        /// The state after one block that is given in halves.
        #[must_use]
        pub fn halves(&mut self, state: &Words, left: &Words, right: &Words) -> Words {
            let mut block = [0; 16];
            block[..8].copy_from_slice(left);
            block[8..].copy_from_slice(right);
            self.block(state, &block)
        }

        /// SHA-256 of a message of 64 bytes that is given in halves, as in SSZ trees.
        #[must_use]
        pub fn message_of_halves(&mut self, left: &Words, right: &Words) -> Words {
            let state = self.halves(&INITIAL, left, right);
            self.block(&state, &PADDING_AFTER_64)
        }
    }
}

#[cfg(target_os = "zkvm")]
mod target {
    use crate::sha256::schedule::expand;
    use crate::sha256::{INITIAL, PADDING_AFTER_64, Words};

    /// The schedule of the block that pads 64 bytes: always the same, so it is never computed.
    static PADDING_SCHEDULE: [u64; 64] = {
        let words = expand(&PADDING_AFTER_64);
        let mut schedule = [0; 64];
        let mut index = 0;
        while index < 64 {
            schedule[index] = words[index] as u64;
            index += 1;
        }
        schedule
    };

    /// The compression function of SHA-256.
    #[derive(Debug, Clone)]
    pub struct Compression {
        schedule: [u64; 64],
        state: [u64; 8],
    }

    impl Default for Compression {
        fn default() -> Self {
            Self::new()
        }
    }

    impl Compression {
        /// Prepares the function.
        pub const fn new() -> Self {
            Self {
                schedule: [0; 64],
                state: [0; 8],
            }
        }

        /// The state after one block.
        #[must_use]
        #[inline]
        pub fn block(&mut self, state: &Words, block: &[u32; 16]) -> Words {
            load(&mut self.schedule[..16], block);
            self.run(state)
        }

        /// The state after one block that is given in halves.
        #[must_use]
        #[inline]
        pub fn halves(&mut self, state: &Words, left: &Words, right: &Words) -> Words {
            load(&mut self.schedule[..8], left);
            load(&mut self.schedule[8..16], right);
            self.run(state)
        }

        /// SHA-256 of a message of 64 bytes that is given in halves, as in SSZ trees.
        #[must_use]
        #[inline]
        #[expect(unsafe_code, reason = "precompiles are system calls on arrays")]
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the precompile writes 32-bit words"
        )]
        pub fn message_of_halves(&mut self, left: &Words, right: &Words) -> Words {
            load(&mut self.schedule[..8], left);
            load(&mut self.schedule[8..16], right);
            load(&mut self.state, &INITIAL);
            // SAFETY: the arrays are aligned to eight bytes and have the lengths that the precompiles take;
            // `compress` only reads the schedule, so that of the padding may be shared.
            unsafe {
                sp1_lib::syscall_sha256_extend(&raw mut self.schedule);
                sp1_lib::syscall_sha256_compress(&raw mut self.schedule, &raw mut self.state);
                sp1_lib::syscall_sha256_compress(
                    (&raw const PADDING_SCHEDULE).cast_mut(),
                    &raw mut self.state,
                );
            }
            self.state.map(|word| word as u32)
        }

        #[expect(unsafe_code, reason = "precompiles are system calls on arrays")]
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the precompile writes 32-bit words"
        )]
        #[inline]
        fn run(&mut self, state: &Words) -> Words {
            load(&mut self.state, state);
            // SAFETY: both arrays are exclusively borrowed, aligned to eight bytes, and have the lengths
            // that the precompiles take.
            unsafe {
                sp1_lib::syscall_sha256_extend(&raw mut self.schedule);
                sp1_lib::syscall_sha256_compress(&raw mut self.schedule, &raw mut self.state);
            }
            self.state.map(|word| word as u32)
        }
    }

    #[inline]
    fn load(target: &mut [u64], words: &[u32]) {
        for (target, word) in target.iter_mut().zip(words) {
            *target = u64::from(*word);
        }
    }
}
