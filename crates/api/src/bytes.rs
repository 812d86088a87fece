//! Bytes that travel in JSON as one string of standard base64.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// Bytes, standard base64 with padding in JSON.
#[derive(Clone, Default, PartialEq, Eq, Hash, ToSchema)]
#[schema(value_type = String, format = Byte, example = "Zm9v")]
pub struct Base64Bytes(pub Vec<u8>);

impl std::fmt::Debug for Base64Bytes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A module of megabytes must not end up in a log line.
        write!(formatter, "Base64Bytes({} bytes)", self.0.len())
    }
}

impl From<Vec<u8>> for Base64Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Serialize for Base64Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;

        impl de::Visitor<'_> for Visitor {
            type Value = Base64Bytes;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a string of standard base64")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Base64Bytes, E> {
                STANDARD
                    .decode(text)
                    .map(Base64Bytes)
                    .map_err(|error| E::custom(format!("not standard base64: {error}")))
            }
        }

        deserializer.deserialize_str(Visitor)
    }
}

#[cfg(test)]
mod tests {
    use super::Base64Bytes;

    #[test]
    fn it_reads_what_it_writes_and_names_the_fault() -> Result<(), serde_json::Error> {
        let text = serde_json::to_string(&Base64Bytes(b"foo".to_vec()))?;
        assert_eq!(text, "\"Zm9v\"");
        assert_eq!(serde_json::from_str::<Base64Bytes>(&text)?.0, b"foo");
        let error = serde_json::from_str::<Base64Bytes>("\"Zm9\"").expect_err("no padding");
        assert!(error.to_string().contains("not standard base64"), "{error}");
        Ok(())
    }
}
