//! What a configuration may be, and the fork of a slot.

use valence_coprocessor_ethereum_light_client::{
    ConfigError, Fork, ForkSchedule, MAINNET, Preset, ScheduledFork,
};

#[test]
fn sizes_are_bounded() {
    for got in [0, 1, 4, 12, 511, 1024, u64::MAX] {
        assert_eq!(
            Preset::new(got, 8, 8),
            Err(ConfigError::CommitteeSize { got })
        );
    }
    for got in [0, (1 << 20) + 1, u64::MAX] {
        assert_eq!(
            Preset::new(32, got, 8),
            Err(ConfigError::SlotsPerEpoch { got })
        );
        assert_eq!(
            Preset::new(32, 8, got),
            Err(ConfigError::EpochsPerPeriod { got })
        );
    }
    assert_eq!(Preset::new(32, 8, 8), Ok(Preset::MINIMAL));
    assert_eq!(Preset::new(512, 32, 256), Ok(Preset::MAINNET));
}

#[test]
fn forks_follow_one_another() {
    let mut forks = [ScheduledFork::new([0; 4], 0); 7];
    assert!(ForkSchedule::new(forks).is_ok());
    forks[3].epoch = 7;
    assert_eq!(
        ForkSchedule::new(forks),
        Err(ConfigError::ForkOrder {
            fork: Fork::Deneb,
            epoch: 0,
            before: 7
        })
    );
    forks[0].epoch = 1;
    assert_eq!(
        ForkSchedule::new(forks),
        Err(ConfigError::GenesisEpoch { got: 1 })
    );
}

/// Slots on both sides of each fork of mainnet, counted by hand from the epochs of `metadata/config.yaml`.
#[test]
fn slots_lie_in_their_forks() {
    let first_slots = [
        (2_375_680, Fork::Altair),
        (4_636_672, Fork::Bellatrix),
        (6_209_536, Fork::Capella),
        (8_626_176, Fork::Deneb),
        (11_649_024, Fork::Electra),
        (13_164_544, Fork::Fulu),
    ];
    let mut before = Fork::Genesis;
    for (slot, fork) in first_slots {
        assert_eq!(MAINNET.fork(slot - 1), before);
        assert_eq!(MAINNET.fork(slot), fork);
        // A signature in the fork's first slot signs the slot before, under the version before.
        let versions = MAINNET.forks.forks();
        let version = |fork| versions[fork as usize].version;
        assert_eq!(MAINNET.signature_version(slot), version(before));
        assert_eq!(MAINNET.signature_version(slot + 1), version(fork));
        before = fork;
    }
    assert_eq!(MAINNET.fork(u64::MAX), Fork::Fulu);
    assert_eq!(MAINNET.signature_version(0).as_bytes(), &[0; 4]);
    assert_eq!(MAINNET.preset.period(11_649_024), 1422);
}
