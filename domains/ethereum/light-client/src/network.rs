//! The configurations of public networks (`eth-clients/mainnet`, `sepolia`, `hoodi`: `metadata/config.yaml`).

use crate::{ChainConfig, ForkSchedule, Preset, ScheduledFork};

/// Ethereum mainnet.
pub const MAINNET: ChainConfig = ChainConfig {
    preset: Preset::MAINNET,
    genesis_validators_root: bytes(
        b"4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95",
    ),
    forks: schedule([
        ScheduledFork::new([0, 0, 0, 0], 0),
        ScheduledFork::new([1, 0, 0, 0], 74_240),
        ScheduledFork::new([2, 0, 0, 0], 144_896),
        ScheduledFork::new([3, 0, 0, 0], 194_048),
        ScheduledFork::new([4, 0, 0, 0], 269_568),
        ScheduledFork::new([5, 0, 0, 0], 364_032),
        ScheduledFork::new([6, 0, 0, 0], 411_392),
    ]),
};

/// The test network Sepolia.
pub const SEPOLIA: ChainConfig = ChainConfig {
    preset: Preset::MAINNET,
    genesis_validators_root: bytes(
        b"d8ea171f3c94aea21ebc42a1ed61052acf3f9209c00e4efbaaddac09ed9b8078",
    ),
    forks: schedule([
        ScheduledFork::new([0x90, 0, 0, 0x69], 0),
        ScheduledFork::new([0x90, 0, 0, 0x70], 50),
        ScheduledFork::new([0x90, 0, 0, 0x71], 100),
        ScheduledFork::new([0x90, 0, 0, 0x72], 56_832),
        ScheduledFork::new([0x90, 0, 0, 0x73], 132_608),
        ScheduledFork::new([0x90, 0, 0, 0x74], 222_464),
        ScheduledFork::new([0x90, 0, 0, 0x75], 272_640),
    ]),
};

/// The test network Hoodi.
pub const HOODI: ChainConfig = ChainConfig {
    preset: Preset::MAINNET,
    genesis_validators_root: bytes(
        b"212f13fc4df078b6cb7db228f1c8307566dcecf900867401a92023d7ba99cb5f",
    ),
    forks: schedule([
        ScheduledFork::new([0x10, 0, 0x09, 0x10], 0),
        ScheduledFork::new([0x20, 0, 0x09, 0x10], 0),
        ScheduledFork::new([0x30, 0, 0x09, 0x10], 0),
        ScheduledFork::new([0x40, 0, 0x09, 0x10], 0),
        ScheduledFork::new([0x50, 0, 0x09, 0x10], 0),
        ScheduledFork::new([0x60, 0, 0x09, 0x10], 2_048),
        ScheduledFork::new([0x70, 0, 0x09, 0x10], 50_688),
    ]),
};

const fn schedule(forks: [ScheduledFork; 7]) -> ForkSchedule {
    match ForkSchedule::new(forks) {
        Ok(schedule) => schedule,
        Err(_) => panic!("the forks of a network are in order: else the program does not compile"),
    }
}

const fn bytes(digits: &[u8; 64]) -> [u8; 32] {
    let mut bytes = [0; 32];
    let mut index = 0;
    while index < 32 {
        bytes[index] = digit(digits[2 * index]) << 4 | digit(digits[2 * index + 1]);
        index += 1;
    }
    bytes
}

const fn digit(character: u8) -> u8 {
    match character {
        b'0'..=b'9' => character - b'0',
        b'a'..=b'f' => character - b'a' + 10,
        _ => panic!("a hexadecimal digit: else the program does not compile"),
    }
}
