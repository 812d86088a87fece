//! `ssz_static` of the consensus spec tests: bytes, root, and the same bytes again.

use serde::Serialize;
use ssz::{Decode, Encode};
use tree_hash::TreeHash;
use valence_coprocessor_devnet::containers::{
    BeaconBlockHeader, Electra, ExecutionPayloadHeader, ForkData, LightClientBootstrap,
    LightClientFinalityUpdate, LightClientHeader, LightClientOptimisticUpdate, LightClientUpdate,
    Mainnet, SigningData, StateFork, SyncAggregate, SyncCommittee,
};

use crate::fixtures;

type Shape = Electra<Mainnet>;

fn check<T: Decode + Encode + TreeHash>(name: &str) -> Option<T> {
    let folder = format!("03-consensus-spec-tests/mainnet/electra/ssz_static/{name}");
    let mut last = None;
    for case in fixtures::names(&format!("{folder}/ssz_random"))? {
        let case = format!("{folder}/ssz_random/{case}");
        let bytes = fixtures::snappy(&format!("{case}/serialized.ssz_snappy"))?;
        let root = fixtures::yaml(&format!("{case}/roots.yaml"), "root")?;
        let value = T::from_ssz_bytes(&bytes).expect(name);
        assert_eq!(format!("{:?}", value.tree_hash_root()), root, "{name}");
        assert_eq!(value.as_ssz_bytes(), bytes, "{name}");
        last = Some(value);
    }
    last
}

/// JSON holds all that SSZ does.
fn check_json<T>(name: &str)
where
    T: Decode
        + Encode
        + TreeHash
        + Serialize
        + serde::de::DeserializeOwned
        + PartialEq
        + std::fmt::Debug,
{
    let Some(value) = check::<T>(name) else {
        return;
    };
    let json = serde_json::to_value(&value).expect(name);
    let back: T = serde_json::from_value(json).expect(name);
    assert_eq!(back, value, "{name}");
}

#[test]
fn containers_have_the_roots_of_the_specs() {
    check_json::<BeaconBlockHeader>("BeaconBlockHeader");
    check_json::<ExecutionPayloadHeader>("ExecutionPayloadHeader");
    check::<StateFork>("Fork");
    check::<ForkData>("ForkData");
    check::<SigningData>("SigningData");
    check_json::<SyncCommittee<Shape>>("SyncCommittee");
    check_json::<SyncAggregate<Shape>>("SyncAggregate");
    check_json::<LightClientHeader<Shape>>("LightClientHeader");
    check_json::<LightClientBootstrap<Shape>>("LightClientBootstrap");
    check_json::<LightClientUpdate<Shape>>("LightClientUpdate");
    check_json::<LightClientFinalityUpdate<Shape>>("LightClientFinalityUpdate");
    check_json::<LightClientOptimisticUpdate<Shape>>("LightClientOptimisticUpdate");
}
