//! `advise`: verifies with an oracle that computes its answers and writes them down.

use alloc::vec::Vec;

use super::residue;
use crate::advised::verify_with;
use crate::arithmetic;
use crate::field::{Fp, Fp2, OddPart};
use crate::oracle::Oracle;
use crate::pairing::Pairs;
use crate::{Advice, AdviceError, PublicKey, Signature, SignatureError, SigningRoot};

/// What the verification would say is not advised.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no advice for what is not valid")]
pub struct Unadvisable {
    /// Why the signature is refused.
    #[source]
    pub reason: SignatureError,
    /// The advice up to where it is refused: what a dishonest prover can do best. For tests of circuits.
    pub advice: Advice<'static>,
}

/// Computes the advice with which [`verify_advised`](crate::verify_advised()) accepts the same arguments.
pub fn advise<'a>(
    aggregate: &PublicKey,
    absent: impl IntoIterator<Item = &'a PublicKey>,
    root: &SigningRoot,
    signature: &Signature,
) -> Result<Advice<'static>, Unadvisable> {
    let mut recorder = Recorder::default();
    let outcome = verify_with(aggregate, absent, root, signature, &mut recorder);
    let advice = Advice::from_words(recorder.words);
    match outcome {
        Ok(()) => Ok(advice),
        Err(reason) => Err(Unadvisable { reason, advice }),
    }
}

/// The oracle that knows. Where there is no answer it says zero, which the check of the answer refuses.
#[derive(Debug)]
struct Recorder {
    words: Vec<u64>,
    /// The last answer.
    fp: Fp,
    /// The last answer.
    fp2: Fp2,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            fp: Fp::ZERO,
            fp2: Fp2::ZERO,
        }
    }
}

impl Recorder {
    fn fp(&mut self, answer: Fp) -> &Fp {
        self.words.extend_from_slice(&answer.0);
        self.fp = answer;
        &self.fp
    }

    fn fp2(&mut self, answer: Fp2) -> &Fp2 {
        self.words.extend_from_slice(&answer.0);
        self.fp2 = answer;
        &self.fp2
    }
}

impl Oracle for Recorder {
    fn fp_root(&mut self, square: &Fp, wanted: impl Fn(&Fp) -> bool) -> Result<&Fp, AdviceError> {
        let root = arithmetic::fp_root(&square.0).map_or(Fp::ZERO, Fp);
        let root = if wanted(&root) { root } else { root.negated() };
        Ok(self.fp(root))
    }

    fn fp2_root(
        &mut self,
        square: &Fp2,
        wanted: impl Fn(&Fp2) -> bool,
    ) -> Result<&Fp2, AdviceError> {
        let root = arithmetic::fp2_root(&square.0).map_or(Fp2::ZERO, Fp2);
        let root = if wanted(&root) { root } else { root.negated() };
        Ok(self.fp2(root))
    }

    fn fp2_is_square(&mut self, number: &Fp2) -> Result<bool, AdviceError> {
        let is_square = arithmetic::fp2_root(&number.0).is_some();
        self.words.push(is_square.into());
        Ok(is_square)
    }

    fn fp_inverse(&mut self, divisor: &Fp) -> Result<&Fp, AdviceError> {
        Ok(self.fp(Fp(arithmetic::fp_inverse(&divisor.0))))
    }

    fn fp2_quotient(&mut self, dividend: &Fp2, divisor: &Fp2) -> Result<&Fp2, AdviceError> {
        let inverse = Fp2(arithmetic::fp2_inverse(&divisor.0));
        Ok(self.fp2(dividend.times(&inverse)))
    }

    /// Runs the Miller loops from one with an oracle whose records are dropped, and takes the witness from the result.
    fn residue(&mut self, pairs: &Pairs) -> Result<[Fp2; 3], AdviceError> {
        let witness = pairs
            .miller_loops(&OddPart::new(&[Fp2::ZERO; 3]), &mut Self::default())
            .map_or([Fp2::ZERO; 3], |product| residue::witness(&product.value));
        for coefficient in witness {
            self.fp2(coefficient);
        }
        Ok(witness)
    }
}
