//! What differs between presets and forks in the light-client containers.

use std::{fmt::Debug, marker::PhantomData};

use ssz_types::typenum::{U5, U6, U7, U32, U512, Unsigned};

use super::{CapellaPayloadHeader, ExecutionPayloadHeader, PayloadHeader};

/// A length in a type.
pub trait Size: Unsigned + Debug + PartialEq + Eq + Send + Sync {}

impl<N: Unsigned + Debug + PartialEq + Eq + Send + Sync> Size for N {}

/// A preset in a type.
pub trait PresetSize: Debug + Clone + PartialEq + 'static {
    /// `SYNC_COMMITTEE_SIZE`.
    type CommitteeSize: Size;
}

/// The minimal preset.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimal;

/// The mainnet preset.
#[derive(Debug, Clone, PartialEq)]
pub struct Mainnet;

impl PresetSize for Minimal {
    type CommitteeSize = U32;
}

impl PresetSize for Mainnet {
    type CommitteeSize = U512;
}

/// Preset and fork in a type.
pub trait Shape: Debug + Clone + PartialEq + 'static {
    /// `SYNC_COMMITTEE_SIZE`.
    type CommitteeSize: Size;
    /// `floorlog2` of `CURRENT_SYNC_COMMITTEE_GINDEX` and of `NEXT_SYNC_COMMITTEE_GINDEX`.
    type CommitteeDepth: Size;
    /// `floorlog2` of `FINALIZED_ROOT_GINDEX`.
    type FinalityDepth: Size;
    /// The header of execution payloads.
    type Payload: PayloadHeader;
}

/// Containers of Capella.
#[derive(Debug, Clone, PartialEq)]
pub struct Capella<P>(PhantomData<P>);

/// Containers of Deneb.
#[derive(Debug, Clone, PartialEq)]
pub struct Deneb<P>(PhantomData<P>);

/// Containers of Electra and Fulu.
#[derive(Debug, Clone, PartialEq)]
pub struct Electra<P>(PhantomData<P>);

impl<P: PresetSize> Shape for Capella<P> {
    type CommitteeSize = P::CommitteeSize;
    type CommitteeDepth = U5;
    type FinalityDepth = U6;
    type Payload = CapellaPayloadHeader;
}

impl<P: PresetSize> Shape for Deneb<P> {
    type CommitteeSize = P::CommitteeSize;
    type CommitteeDepth = U5;
    type FinalityDepth = U6;
    type Payload = ExecutionPayloadHeader;
}

impl<P: PresetSize> Shape for Electra<P> {
    type CommitteeSize = P::CommitteeSize;
    type CommitteeDepth = U6;
    type FinalityDepth = U7;
    type Payload = ExecutionPayloadHeader;
}

/// Evaluates an expression with `$shape` as the type of a preset and a fork.
macro_rules! with_shape {
    ($preset:expr, $fork:expr, $shape:ident => $body:expr) => {{
        use $crate::{Fork, Preset, containers as c};
        match ($preset, $fork) {
            (Preset::Minimal, Fork::Capella) => {
                type $shape = c::Capella<c::Minimal>;
                $body
            }
            (Preset::Minimal, Fork::Deneb) => {
                type $shape = c::Deneb<c::Minimal>;
                $body
            }
            (Preset::Minimal, Fork::Electra | Fork::Fulu) => {
                type $shape = c::Electra<c::Minimal>;
                $body
            }
            (Preset::Mainnet, Fork::Capella) => {
                type $shape = c::Capella<c::Mainnet>;
                $body
            }
            (Preset::Mainnet, Fork::Deneb) => {
                type $shape = c::Deneb<c::Mainnet>;
                $body
            }
            (Preset::Mainnet, Fork::Electra | Fork::Fulu) => {
                type $shape = c::Electra<c::Mainnet>;
                $body
            }
        }
    }};
}

pub(crate) use with_shape;
