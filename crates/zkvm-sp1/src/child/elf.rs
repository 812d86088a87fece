//! Checks an ELF before SP1 sees it, and turns it into a program.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use sp1_core_executor::Program;
use valence_coprocessor_zkvm::ZkvmError;

use super::serve::panic_text;

/// The most memory that the segments of an ELF may fill. SP1 makes a map entry of every eight bytes of it before
/// anything runs, so a header alone could ask for more than the machine has.
const MAXIMUM_IMAGE: u64 = 64 << 20;

const HEADER_LENGTH: usize = 64;
const PROGRAM_HEADER_LENGTH: usize = 56;
const MAXIMUM_SEGMENTS: usize = 256;

/// The program of an ELF.
pub(crate) fn program(elf: &[u8]) -> Result<Arc<Program>, ZkvmError> {
    check_size(elf)?;
    let parsed = catch_unwind(AssertUnwindSafe(|| Program::from(elf)))
        .map_err(|panic| invalid(&panic_text(panic.as_ref())))?;
    parsed
        .map(Arc::new)
        .map_err(|error| invalid(&error.to_string()))
}

fn invalid(reason: &str) -> ZkvmError {
    ZkvmError::InvalidElf {
        reason: reason.to_owned(),
    }
}

/// Demands a 64-bit little-endian ELF whose segments fit [`MAXIMUM_IMAGE`].
fn check_size(elf: &[u8]) -> Result<(), ZkvmError> {
    if !elf.starts_with(b"\x7fELF") {
        return Err(invalid("the first four bytes are not those of an ELF"));
    }
    if elf.len() < HEADER_LENGTH {
        return Err(invalid("it ends within its header"));
    }
    if elf[4..6] != [2, 1] {
        return Err(invalid("it is not 64-bit little-endian"));
    }
    let offset = number::<8>(elf, 32)?;
    let (size, count) = (number::<2>(elf, 54)?, number::<2>(elf, 56)?);
    let (offset, size, count) = (to_index(offset)?, to_index(size)?, to_index(count)?);
    if size != PROGRAM_HEADER_LENGTH || count > MAXIMUM_SEGMENTS {
        return Err(invalid("its table of segments is malformed"));
    }
    let mut image = 0_u64;
    for position in 0..count {
        let start = offset
            .checked_add(position * PROGRAM_HEADER_LENGTH)
            .ok_or_else(|| invalid("its table of segments is out of bounds"))?;
        image = image.saturating_add(number::<8>(elf, start.saturating_add(40))?);
    }
    if image > MAXIMUM_IMAGE {
        return Err(invalid("its segments fill more than 64 MiB"));
    }
    Ok(())
}

fn to_index(number: u64) -> Result<usize, ZkvmError> {
    usize::try_from(number).map_err(|_| invalid("its table of segments is out of bounds"))
}

/// The little-endian number of `LENGTH` bytes at `start`.
fn number<const LENGTH: usize>(elf: &[u8], start: usize) -> Result<u64, ZkvmError> {
    let bytes = elf
        .get(start..start.saturating_add(LENGTH))
        .ok_or_else(|| invalid("its table of segments is out of bounds"))?;
    Ok(bytes
        .iter()
        .rev()
        .fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
pub(crate) mod tests {
    use valence_coprocessor_zkvm::ZkvmError;

    use super::{HEADER_LENGTH, PROGRAM_HEADER_LENGTH, program};

    /// A RISC-V executable that jumps to itself.
    pub(crate) fn spins() -> Vec<u8> {
        elf(8, &[0x6f, 0, 0, 0, 0x6f, 0, 0, 0])
    }

    /// A RISC-V executable with one segment of so many bytes in memory and these in the file.
    fn elf(memory: u64, code: &[u8]) -> Vec<u8> {
        let mut elf = vec![0; HEADER_LENGTH + PROGRAM_HEADER_LENGTH];
        elf[..8].copy_from_slice(b"\x7fELF\x02\x01\x01\x00");
        elf[16..20].copy_from_slice(&[2, 0, 243, 0]);
        elf[24..32].copy_from_slice(&0x7800_0000_u64.to_le_bytes());
        elf[32..40].copy_from_slice(&64_u64.to_le_bytes());
        elf[54..58].copy_from_slice(&[56, 0, 1, 0]);
        elf[64..72].copy_from_slice(&[1, 0, 0, 0, 5, 0, 0, 0]);
        elf[72..80].copy_from_slice(&120_u64.to_le_bytes());
        elf[80..88].copy_from_slice(&0x7800_0000_u64.to_le_bytes());
        elf[96..104].copy_from_slice(&(code.len() as u64).to_le_bytes());
        elf[104..112].copy_from_slice(&memory.to_le_bytes());
        elf.extend(code);
        elf
    }

    #[test]
    fn attack_d4_a_header_that_asks_for_all_memory_is_refused_before_it_is_mapped() {
        for memory in [(64 << 20) + 1, 1 << 40, u64::MAX] {
            let refused = program(&elf(memory, &[])).expect_err("more than fits");
            let ZkvmError::InvalidElf { reason } = refused else {
                panic!("{refused}")
            };
            assert!(reason.contains("64 MiB"), "{reason}");
        }
    }

    #[test]
    fn garbage_truncations_and_tables_out_of_bounds_are_named_errors() {
        let sound = spins();
        program(&sound).expect("one instruction is a program");
        let mut outside = sound.clone();
        outside[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
        let mut narrow = sound.clone();
        narrow[4] = 1;
        for bytes in [
            b"".as_slice(),
            b"\0asm\x01\0\0\0",
            &sound[..20],
            &sound[..100],
            &outside,
            &narrow,
        ] {
            let refused = program(bytes).expect_err("not an ELF of SP1");
            assert!(matches!(refused, ZkvmError::InvalidElf { .. }), "{refused}");
        }
    }
}
