//! A controller of the tests, for any circuit: its arguments list the witnesses, and it fetches the state proofs.
//!
//! `{"witnesses": [{"domain": "…", "arguments": …}, {"data": "0x…"}]}`

use serde::Deserialize;
use serde_json::Value;
use valence_coprocessor_controller_sdk::{Error, Witness, controller, state_proof};
use valence_coprocessor_ethereum_execution::hex;

/// The witnesses in order.
#[derive(Clone, Debug, Deserialize)]
pub struct RelayArguments {
    /// What to return.
    pub witnesses: Vec<Wanted>,
}

/// One witness.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Wanted {
    /// A state proof, as the controller of a domain answers these arguments.
    StateProof {
        /// The name of the domain.
        domain: String,
        /// What its controller takes.
        arguments: Value,
    },
    /// Data.
    Data {
        /// In hexadecimal.
        data: String,
    },
}

/// Fetches the witnesses.
pub fn witnesses(arguments: RelayArguments) -> Result<Vec<Witness>, Error> {
    let fetch = |wanted| match wanted {
        Wanted::StateProof { domain, arguments } => {
            state_proof(&domain, &arguments).map(Witness::StateProof)
        }
        Wanted::Data { data } => Ok(Witness::Data(hex::bytes("data", &data)?)),
    };
    arguments.witnesses.into_iter().map(fetch).collect()
}

controller! {
    get_witnesses: witnesses,
}
