//! Witnesses: the state proof of the holder's balance, and the holder.

use serde::Deserialize;
use serde_json::json;
use storage_proof_core::{DEMO_TOKEN, Token, USDC};
use valence_coprocessor_controller_sdk::{Error, Witness, log, state_proof};
use valence_coprocessor_ethereum_state_proof::Address;

/// What to prove.
#[derive(Clone, Debug, Deserialize)]
pub struct BalanceArguments {
    /// Whose balance.
    pub holder: String,
    /// In which block; without it, in the newest of the domain.
    #[serde(default)]
    pub number: Option<u64>,
    /// Of which token: each has its own circuit.
    #[serde(default)]
    pub token: TokenName,
    /// In which chain: each has its own circuit.
    #[serde(default)]
    pub domain: DomainName,
}

/// The domains that circuits exist for; the circuits hold their ids as constants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum DomainName {
    /// Blocks that somebody vouches for.
    #[default]
    #[serde(rename = "ethereum-trusted")]
    Trusted,
    /// Blocks that the light client has accepted.
    #[serde(rename = "ethereum-devnet")]
    Devnet,
}

impl DomainName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Trusted => "ethereum-trusted",
            Self::Devnet => "ethereum-devnet",
        }
    }
}

/// The tokens that circuits exist for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenName {
    /// The token of the demo.
    #[default]
    Demo,
    /// USDC on mainnet.
    Usdc,
}

impl TokenName {
    const fn token(self) -> Token {
        match self {
            Self::Demo => DEMO_TOKEN,
            Self::Usdc => USDC,
        }
    }
}

/// The state proof of the holder's slot, and the holder's address.
pub fn balance_witnesses(arguments: BalanceArguments) -> Result<Vec<Witness>, Error> {
    let holder = address(&arguments.holder)?;
    let token = arguments.token.token();
    let request = json!({
        "address": hex(token.contract.as_bytes()),
        "slots": [hex(token.slot(&holder).as_bytes())],
        "number": arguments.number,
    });
    let proof = state_proof(arguments.domain.as_str(), &request)?;
    log!(
        "balance of {} in block {}: a proof of {} bytes",
        arguments.holder,
        proof.number,
        proof.proof.len()
    );
    Ok(vec![
        Witness::StateProof(proof),
        Witness::Data(holder.as_bytes().to_vec()),
    ])
}

fn address(text: &str) -> Result<Address, Error> {
    let malformed = || {
        Error::new(format!(
            "`holder` is not an address, 0x and 40 hexadecimal digits: {text}"
        ))
    };
    let digits = text
        .strip_prefix("0x")
        .filter(|digits| digits.len() == 40)
        .ok_or_else(malformed)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(malformed());
    }
    let mut bytes = [0; 20];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte =
            u8::from_str_radix(&digits[2 * index..2 * index + 2], 16).map_err(|_| malformed())?;
    }
    Ok(Address::from_bytes(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::from("0x"), |text, byte| {
        text + &format!("{byte:02x}")
    })
}
