//! Programs for the zkVM, a few instructions long, put together here so that each shows what it does.

use std::sync::Arc;

/// Where SP1 loads programs.
const CODE: u64 = 0x7800_0000;
/// A page of data behind the code.
const DATA: u64 = CODE + 0x1000;

const ECALL: u32 = 0x73;
/// `jal x0, 0`: jumps to itself.
const JUMP_HERE: u32 = 0x6f;
/// `jal x0, -4`: jumps to the instruction before.
const JUMP_BACK: u32 = 0xffdf_f06f;

const T0: u32 = 5;
const A0: u32 = 10;
const A1: u32 = 11;
const A2: u32 = 12;

const SYSCALL_HALT: u32 = 0;
const SYSCALL_WRITE: u32 = 2;
const STDERR: u32 = 2;

/// Sets a register to a number below 2048.
const fn set(register: u32, number: u32) -> u32 {
    number << 20 | register << 7 | 0x13
}

/// Sets a register to the address of the data.
#[expect(clippy::cast_possible_truncation, reason = "the address has 31 bits")]
const fn set_to_data(register: u32) -> u32 {
    DATA as u32 | register << 7 | 0x37
}

/// Loads eight bytes from the address in `from`.
const fn load(register: u32, from: u32) -> u32 {
    from << 15 | 3 << 12 | register << 7 | 0x03
}

/// A program that writes `message` to its standard error and ends with exit code 1, as a panic does.
pub(crate) fn panics(message: &str) -> Arc<[u8]> {
    let length = u32::try_from(message.len()).expect("short");
    let code = [
        set(A0, STDERR),
        set_to_data(A1),
        set(A2, length),
        set(T0, SYSCALL_WRITE),
        ECALL,
        set(A0, 1),
        set(T0, SYSCALL_HALT),
        ECALL,
    ];
    elf(&code, message.as_bytes())
}

/// A program that ends well and commits nothing, not even the hash of nothing.
pub(crate) fn commits_nothing() -> Arc<[u8]> {
    elf(&[set(A0, 0), set(T0, SYSCALL_HALT), ECALL], b"")
}

/// A program that never ends and never touches memory.
pub(crate) fn spins() -> Arc<[u8]> {
    elf(&[JUMP_HERE], b"")
}

/// A program that never ends and reads memory all the while.
pub(crate) fn spins_on_memory() -> Arc<[u8]> {
    elf(&[set_to_data(A1), load(A2, A1), JUMP_BACK], b"")
}

/// A program with an instruction that is none.
pub(crate) fn illegal() -> Arc<[u8]> {
    elf(&[set(A0, 0), 0], b"")
}

/// An executable with one segment of code and one of data.
fn elf(code: &[u32], data: &[u8]) -> Arc<[u8]> {
    const HEADERS: u64 = 64 + 2 * 56;
    let code: Vec<u8> = code.iter().flat_map(|word| word.to_le_bytes()).collect();
    let mut data = data.to_vec();
    data.resize(data.len().next_multiple_of(8).max(8), 0);
    let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
    elf.resize(16, 0);
    elf.extend([2, 0, 243, 0, 1, 0, 0, 0]); // executable, RISC-V, version 1
    for number in [CODE, 64, 0] {
        elf.extend(number.to_le_bytes()); // entry, program headers, no sections
    }
    elf.extend([0, 0, 0, 0, 64, 0, 56, 0, 2, 0, 64, 0, 0, 0, 0, 0]);
    let code_length = code.len() as u64;
    let segments = [
        (5_u32, HEADERS, CODE, code_length),
        (6, HEADERS + code_length, DATA, data.len() as u64),
    ];
    for (flags, offset, address, length) in segments {
        elf.extend(1_u32.to_le_bytes());
        elf.extend(flags.to_le_bytes());
        for number in [offset, address, address, length, length, 8] {
            elf.extend(number.to_le_bytes());
        }
    }
    elf.extend(code);
    elf.extend(data);
    elf.into()
}
