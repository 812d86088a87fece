//! Who signed a request. Each signed request counts once, whatever it asks for: a signature of the published form covers no
//! route, so one that was spent on reading must not be good for changing something afterwards.

use axum::http::{HeaderMap, request::Parts};
use uuid::Uuid;
use valence_coprocessor::{Caller, Engine, PublicKey, Timestamp};
use valence_coprocessor_api::{
    ErrorCode, headers, hex,
    signing::{self, BoundRequest, MAX_EXPIRY_SECONDS, SigningError},
};
use valence_coprocessor_protocol::{CircuitId, Root};

use crate::refusal::Refusal;

/// Longest text of a number used once.
const UUID_BYTES: usize = 64;

/// Who signed, and how.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) caller: Caller,
    pub(crate) bound: bool,
}

/// Checks the signature of a request, if it has one, and spends it.
pub(crate) async fn check(
    parts: &Parts,
    circuit: Option<CircuitId>,
    root: Option<Root>,
    body: &[u8],
    engine: &Engine,
) -> Result<Signer, Refusal> {
    let signature = text(&parts.headers, headers::SIGNATURE)?;
    let uuid = text(&parts.headers, headers::UUID)?;
    let public_key = text(&parts.headers, headers::PUBLIC_KEY)?;
    let expiry = text(&parts.headers, headers::EXPIRY)?;
    let (Some(signature), Some(uuid)) = (signature, uuid) else {
        if signature.is_none() && uuid.is_none() && public_key.is_none() && expiry.is_none() {
            return Ok(Signer {
                caller: Caller::Anonymous,
                bound: false,
            });
        }
        return Err(invalid(format!(
            "a signed request needs both `{}` and `{}`",
            headers::SIGNATURE,
            headers::UUID
        )));
    };
    if uuid.is_empty() || uuid.len() > UUID_BYTES {
        return Err(invalid(format!(
            "`{}` must have 1 to {UUID_BYTES} characters",
            headers::UUID
        )));
    }
    let bytes = hex::decode(signature)
        .ok_or_else(|| invalid(format!("`{}` is not hexadecimal", headers::SIGNATURE)))?;

    let (key, number, expiry) = match (public_key, expiry) {
        (None, None) => {
            let body = if body.is_empty() { b"null" } else { body };
            (
                signing::recover_published(&bytes, uuid, body).map_err(refused)?,
                uuid.to_owned(),
                None,
            )
        }
        (Some(public_key), Some(expiry)) => {
            let key = hex::decode(public_key)
                .ok_or(SigningError::InvalidPublicKey)
                .and_then(|key| signing::PublicKey::from_bytes(&key))
                .map_err(refused)?;
            let request = BoundRequest {
                method: parts.method.as_str(),
                path: parts.uri.path_and_query().map_or("/", |path| path.as_str()),
                circuit,
                root,
                expiry: check_expiry(expiry, engine.now().as_secs())?,
                uuid: Uuid::parse_str(uuid)
                    .map_err(|error| invalid(format!("`{}`: {error}", headers::UUID)))?,
                body,
            };
            request.verify(&key, &bytes).map_err(refused)?;
            // The signature covers the number and not how it is written.
            let expiry = Timestamp::from_millis(request.expiry.saturating_mul(1_000));
            (key, request.uuid.simple().to_string(), Some(expiry))
        }
        _ => {
            return Err(invalid(format!(
                "`{}` and `{}` come together",
                headers::PUBLIC_KEY,
                headers::EXPIRY
            )));
        }
    };
    let key = PublicKey::from_bytes(*key.as_bytes());
    spend(engine, key, &number, expiry).await?;
    Ok(Signer {
        caller: Caller::Key(key),
        bound: expiry.is_some(),
    })
}

/// Lets a number count once per key: not per signature, since anybody can turn one signature into another.
async fn spend(
    engine: &Engine,
    key: PublicKey,
    number: &str,
    expiry: Option<Timestamp>,
) -> Result<(), Refusal> {
    if engine.spend_signature(key, number, expiry).await? {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::SignatureReplayed,
        "a request with this uuid was already taken from this key; sign each request with a new uuid",
    ))
}

fn check_expiry(text: &str, now: u64) -> Result<u64, Refusal> {
    let expiry: u64 = text
        .parse()
        .map_err(|error| invalid(format!("`{}`: {error}", headers::EXPIRY)))?;
    if expiry < now {
        return Err(Refusal::new(
            ErrorCode::SignatureExpired,
            format!(
                "the signed request expired {} s ago; sign it again, or set the clock",
                now - expiry
            ),
        ));
    }
    if expiry - now > MAX_EXPIRY_SECONDS {
        return Err(Refusal::new(
            ErrorCode::SignatureExpired,
            format!(
                "the signed request expires in {} s; at most {MAX_EXPIRY_SECONDS} s are taken",
                expiry - now
            ),
        ));
    }
    Ok(expiry)
}

fn text<'a>(map: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, Refusal> {
    map.get(name)
        .map(|value| {
            value
                .to_str()
                .map_err(|error| Refusal::parameter(name, "", error))
        })
        .transpose()
}

fn invalid(message: String) -> Refusal {
    Refusal::new(ErrorCode::InvalidSignature, message)
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function of `map_err`"
)]
fn refused(error: SigningError) -> Refusal {
    invalid(error.to_string())
}
