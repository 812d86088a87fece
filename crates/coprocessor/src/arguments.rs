//! Arguments of callers: any JSON, but for the one field by which a controller knows the service.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::EngineError;

/// The top-level field of a delivery. The service alone sets it.
pub(crate) const DELIVERY_FIELD: &str = "delivery";

/// Checks that `args` is one JSON value without the reserved field, and builds nothing of it: this is the way of every
/// call.
pub(crate) fn check_arguments(args: &[u8]) -> Result<(), EngineError> {
    let invalid = |error: serde_json::Error| EngineError::InvalidArguments {
        reason: error.to_string(),
    };
    let mut deserializer = serde_json::Deserializer::from_slice(args);
    let is_reserved = deserializer.deserialize_any(TopLevel).map_err(invalid)?;
    deserializer.end().map_err(invalid)?;
    if is_reserved {
        Err(EngineError::ReservedField(DELIVERY_FIELD))
    } else {
        Ok(())
    }
}

/// Whether a value is an object with the reserved field.
struct TopLevel;

impl<'de> Visitor<'de> for TopLevel {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut is_reserved = false;
        while let Some(key) = map.next_key_seed(Key)? {
            is_reserved |= key == DELIVERY_FIELD;
            map.next_value::<IgnoredAny>()?;
        }
        Ok(is_reserved)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<bool, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(false)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }
}

/// A key, borrowed unless it has escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::check_arguments;

    #[test]
    fn any_json_passes() {
        for args in [
            r#"{"a": {"delivery": 1}}"#,
            "[1, {\"delivery\": 2}]",
            "\"delivery\"",
            "null",
            "-1.5",
            "true",
            "18446744073709551615",
        ] {
            check_arguments(args.as_bytes()).expect(args);
        }
    }

    #[test]
    fn attack_c3_the_service_marker_is_refused_in_every_spelling() {
        for args in [
            r#"{"delivery": 1}"#,
            r#"{"a": 1, "\u0064elivery": null}"#,
            r#"{"delivery": 1, "delivery": 2}"#,
        ] {
            let error = check_arguments(args.as_bytes()).expect_err(args);
            assert_eq!(error.code(), "reserved_field");
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for args in ["", "{", "{} {}", "nul", "\u{1}"] {
            let error = check_arguments(args.as_bytes()).expect_err(args);
            assert_eq!(error.code(), "invalid_arguments");
        }
    }
}
