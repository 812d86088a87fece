//! Why a signature is refused.

use core::fmt;

/// Why a compressed point is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PointError {
    /// The flag of compressed points is not set.
    #[error("the point is not marked as compressed")]
    NotCompressed,
    /// The flag of infinity is set.
    #[error("the point is infinity")]
    Infinity,
    /// A coordinate is not below the field's modulus.
    #[error("a coordinate is not below the modulus")]
    NotCanonical,
    /// No y coordinate belongs to this x coordinate and sign, or the advice is not that coordinate.
    #[error("the point is not on the curve")]
    NotOnCurve,
}

/// Which of the keys is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The committee's aggregate key.
    Aggregate,
    /// The absent member with this position among the absent ones.
    Absent(usize),
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aggregate => formatter.write_str("the aggregate key"),
            Self::Absent(index) => write!(formatter, "the key of absent member {index}"),
        }
    }
}

/// Why advice is refused. None of these says anything about the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdviceError {
    /// The advice ends before the verification does.
    #[error("the advice ends early")]
    Truncated,
    /// The verification ends before the advice does.
    #[error("{remaining} words of advice are left over")]
    Trailing {
        /// How many.
        remaining: usize,
    },
    /// A field element is not below the modulus.
    #[error("a field element of the advice is not below the modulus")]
    NotCanonical,
    /// A choice is neither zero nor one.
    #[error("a choice of the advice is {got}, neither 0 nor 1")]
    Choice {
        /// What it is.
        got: u64,
    },
    /// A quotient times the divisor is not the dividend.
    #[error("a quotient of the advice is wrong")]
    Quotient,
    /// A square root does not square to its number, or is the other one of the two.
    #[error("a square root of the advice is wrong")]
    Root,
}

/// Why a signature is not that of the given keys over the given root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A key is not the encoding of a point of the curve.
    #[error("{key} is not a valid point")]
    Key {
        /// Which key.
        key: Key,
        /// What is wrong with it.
        source: PointError,
    },
    /// Nobody is left after the absent members' keys are subtracted.
    #[error("the keys of those present add up to infinity")]
    NobodyPresent,
    /// The signature is not the encoding of a point of the curve.
    #[error("the signature is not a valid point")]
    Signature(#[source] PointError),
    /// The signature is on the curve but not in the subgroup of prime order.
    #[error("the signature is not in the subgroup G2")]
    SignatureNotInSubgroup,
    /// The signature is a valid one, but not by these keys over this root; or the witness of the pairing in the
    /// advice is wrong.
    #[error("the signature is not by those present over the signing root")]
    Mismatch,
    /// A division by zero, where only a point of tiny order or a hash that nobody can find leads to one.
    #[error("an addition of points is exceptional")]
    Exceptional,
    /// The advice does not hold.
    #[error("the advice does not hold")]
    Advice(#[source] AdviceError),
}
