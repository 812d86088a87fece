//! `TraceContext`: which trace something belongs to, as processes hand it on.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The header, and the key of gRPC metadata, that carries a context.
pub const HEADER: &str = "traceparent";

/// A place in a trace (W3C Trace Context, section 3.2, version 00).
///
/// ```text
/// 00-<trace id: 32 hexadecimal digits>-<span id: 16>-<flags: 2>
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    trace: [u8; 16],
    span: [u8; 8],
    flags: u8,
}

/// The text is no context of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a trace context is `00-<32 hexadecimal digits>-<16>-<2>`, with ids that are not zero")]
pub struct TraceContextError;

impl TraceContext {
    /// The flag that asks for the spans of this trace to be recorded.
    const SAMPLED: u8 = 1;

    /// A new trace, to be recorded.
    pub fn random() -> Self {
        let trace = uuid::Uuid::new_v4().into_bytes();
        // The root of the trace; nothing but this trace knows it. The version of the UUID keeps it from being zero.
        let mut span = [0; 8];
        span.copy_from_slice(&trace[..8]);
        Self {
            trace,
            span,
            flags: Self::SAMPLED,
        }
    }

    /// A context of these ids; none if one of them is zero.
    pub fn new(trace: [u8; 16], span: [u8; 8], sampled: bool) -> Option<Self> {
        let flags = if sampled { Self::SAMPLED } else { 0 };
        (trace != [0; 16] && span != [0; 8]).then_some(Self { trace, span, flags })
    }

    /// The id that all spans of the trace share.
    pub const fn trace(&self) -> [u8; 16] {
        self.trace
    }

    /// The span that the next one is a part of.
    pub const fn span(&self) -> [u8; 8] {
        self.span
    }

    /// Whether spans are to be recorded.
    pub const fn is_sampled(&self) -> bool {
        self.flags & Self::SAMPLED != 0
    }

    /// The trace id in hexadecimal, as it stands in logs and answers.
    pub fn trace_id(&self) -> String {
        hexadecimal(&self.trace)
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (trace, span) = (hexadecimal(&self.trace), hexadecimal(&self.span));
        write!(formatter, "00-{trace}-{span}-{:02x}", self.flags)
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TraceContext({self})")
    }
}

impl FromStr for TraceContext {
    type Err = TraceContextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let mut part = || parts.next().ok_or(TraceContextError);
        let (version, trace, span, flags) = (part()?, part()?, part()?, part()?);
        let [version] = bytes(version)?;
        // Later versions may add parts; 255 is no version.
        if version == u8::MAX || (version == 0 && parts.next().is_some()) {
            return Err(TraceContextError);
        }
        let [flags] = bytes(flags)?;
        let sampled = flags & Self::SAMPLED != 0;
        Self::new(bytes(trace)?, bytes(span)?, sampled).ok_or(TraceContextError)
    }
}

impl Serialize for TraceContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TraceContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

/// Exactly `N` bytes in lower-case hexadecimal.
fn bytes<const N: usize>(text: &str) -> Result<[u8; N], TraceContextError> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(TraceContextError),
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return Err(TraceContextError);
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::TraceContext;

    /// The example of the specification, section 3.2.3.
    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn the_example_of_the_specification_is_read_and_written() {
        let context: TraceContext = EXAMPLE.parse().expect("the example");
        assert_eq!(context.to_string(), EXAMPLE);
        assert_eq!(context.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert!(context.is_sampled());
    }

    #[test]
    fn what_is_none_is_refused() {
        for wrong in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e47-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736ü-00f067aa0ba902b7-01",
        ] {
            wrong.parse::<TraceContext>().expect_err(wrong);
        }
    }

    #[test]
    fn a_new_trace_is_read_back_and_is_not_the_one_before() {
        let (one, other) = (TraceContext::random(), TraceContext::random());
        assert_eq!(one.to_string().parse(), Ok(one));
        assert_ne!(one.trace(), other.trace());
    }
}
