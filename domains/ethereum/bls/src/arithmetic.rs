//! Arithmetic of BLS12-381's base field, of its quadratic extension and of its curve: where host and zkVM differ.
//!
//! A field element is six words, the least significant first, and below the modulus: not in Montgomery form, because
//! that is what SP1's precompiles compute with. An element `a + b u` of the extension is the twelve words of `a` and
//! `b`. Every function overwrites its first operand, as the precompiles do. The curve's functions are incomplete:
//! they are for points that are not infinity, and addition is for points of different x.

pub(crate) use target::{
    fp_add, fp_mul, fp_square, fp_sub, fp2_add, fp2_double, fp2_mul, fp2_square, fp2_sub, g1_add,
    g1_double,
};

/// A field element.
pub(crate) type Words = [u64; 6];
/// An element of the quadratic extension, or an affine point of the curve over the base field.
pub(crate) type Pair = [u64; 12];

#[cfg(target_os = "zkvm")]
#[expect(unsafe_code, reason = "precompiles are system calls on arrays")]
mod target {
    use sp1_lib::{
        syscall_bls12381_add, syscall_bls12381_double, syscall_bls12381_fp_addmod,
        syscall_bls12381_fp_mulmod, syscall_bls12381_fp_submod, syscall_bls12381_fp2_addmod,
        syscall_bls12381_fp2_mulmod, syscall_bls12381_fp2_submod,
    };

    use super::{Pair, Words};

    // SAFETY, for all functions below: the pointers are to arrays of the length that the precompile takes, aligned to
    // eight bytes by their type; the first is exclusive. The two may be the same: the precompile reads both operands
    // before it writes.

    macro_rules! binary {
        ($($name:ident($operand:ty) = $precompile:ident;)*) => {$(
            #[inline(always)]
            pub(crate) fn $name(x: &mut $operand, y: &$operand) {
                unsafe { $precompile(x.as_mut_ptr(), y.as_ptr()) }
            }
        )*};
    }

    macro_rules! unary {
        ($($name:ident($operand:ty) = $precompile:ident;)*) => {$(
            #[inline(always)]
            pub(crate) fn $name(x: &mut $operand) {
                let x = x.as_mut_ptr();
                unsafe { $precompile(x, x.cast_const()) }
            }
        )*};
    }

    binary! {
        fp_add(Words) = syscall_bls12381_fp_addmod;
        fp_sub(Words) = syscall_bls12381_fp_submod;
        fp_mul(Words) = syscall_bls12381_fp_mulmod;
        fp2_add(Pair) = syscall_bls12381_fp2_addmod;
        fp2_sub(Pair) = syscall_bls12381_fp2_submod;
        fp2_mul(Pair) = syscall_bls12381_fp2_mulmod;
    }

    unary! {
        fp_square(Words) = syscall_bls12381_fp_mulmod;
        fp2_double(Pair) = syscall_bls12381_fp2_addmod;
        fp2_square(Pair) = syscall_bls12381_fp2_mulmod;
    }

    #[inline(always)]
    pub(crate) fn g1_add(p: &mut Pair, q: &Pair) {
        unsafe { syscall_bls12381_add(p, q) }
    }

    #[inline(always)]
    pub(crate) fn g1_double(p: &mut Pair) {
        unsafe { syscall_bls12381_double(p) }
    }
}

#[cfg(not(target_os = "zkvm"))]
#[expect(unsafe_code, reason = "blst's field arithmetic is C")]
mod target {
    use blst::{blst_fp, blst_fp2, blst_p1, blst_p1_affine};

    use super::{Pair, Words};

    // SAFETY, for all functions below: blst reads and writes through pointers to its own types, which are owned or
    // borrowed here; its functions may be given the same operand more than once.

    pub(crate) fn fp_add(x: &mut Words, y: &Words) {
        let (a, b) = (raw(x), raw(y));
        let mut sum = blst_fp::default();
        unsafe { blst::blst_fp_add(&raw mut sum, &raw const a, &raw const b) };
        *x = sum.l;
    }

    pub(crate) fn fp_sub(x: &mut Words, y: &Words) {
        let (a, b) = (raw(x), raw(y));
        let mut difference = blst_fp::default();
        unsafe { blst::blst_fp_sub(&raw mut difference, &raw const a, &raw const b) };
        *x = difference.l;
    }

    /// Montgomery's product of a plain number and one in Montgomery form is the plain product.
    pub(crate) fn fp_mul(x: &mut Words, y: &Words) {
        let (a, b) = (raw(x), montgomery(y));
        let mut product = blst_fp::default();
        unsafe { blst::blst_fp_mul(&raw mut product, &raw const a, &raw const b) };
        *x = product.l;
    }

    pub(crate) fn fp_square(x: &mut Words) {
        let y = *x;
        fp_mul(x, &y);
    }

    pub(crate) fn fp2_add(x: &mut Pair, y: &Pair) {
        let (a, b) = (raw2(x), raw2(y));
        let mut sum = blst_fp2::default();
        unsafe { blst::blst_fp2_add(&raw mut sum, &raw const a, &raw const b) };
        *x = words2(&sum);
    }

    pub(crate) fn fp2_sub(x: &mut Pair, y: &Pair) {
        let (a, b) = (raw2(x), raw2(y));
        let mut difference = blst_fp2::default();
        unsafe { blst::blst_fp2_sub(&raw mut difference, &raw const a, &raw const b) };
        *x = words2(&difference);
    }

    pub(crate) fn fp2_mul(x: &mut Pair, y: &Pair) {
        let (a, b) = (raw2(x), montgomery2(y));
        let mut product = blst_fp2::default();
        unsafe { blst::blst_fp2_mul(&raw mut product, &raw const a, &raw const b) };
        *x = words2(&product);
    }

    pub(crate) fn fp2_double(x: &mut Pair) {
        let y = *x;
        fp2_add(x, &y);
    }

    pub(crate) fn fp2_square(x: &mut Pair) {
        let y = *x;
        fp2_mul(x, &y);
    }

    pub(crate) fn g1_add(p: &mut Pair, q: &Pair) {
        let (a, b) = (point(p), point(q));
        let mut sum = blst_p1::default();
        unsafe {
            blst::blst_p1_from_affine(&raw mut sum, &raw const a);
            blst::blst_p1_add_affine(&raw mut sum, &raw const sum, &raw const b);
        }
        *p = coordinates(&sum);
    }

    pub(crate) fn g1_double(p: &mut Pair) {
        let a = point(p);
        let mut twice = blst_p1::default();
        unsafe {
            blst::blst_p1_from_affine(&raw mut twice, &raw const a);
            blst::blst_p1_double(&raw mut twice, &raw const twice);
        }
        *p = coordinates(&twice);
    }

    /// A square root, if there is one.
    pub(crate) fn fp_root(x: &Words) -> Option<Words> {
        let a = montgomery(x);
        let mut root = blst_fp::default();
        unsafe { blst::blst_fp_sqrt(&raw mut root, &raw const a) }.then(|| plain(&root))
    }

    /// A square root, if there is one.
    pub(crate) fn fp2_root(x: &Pair) -> Option<Pair> {
        let a = montgomery2(x);
        let mut root = blst_fp2::default();
        unsafe { blst::blst_fp2_sqrt(&raw mut root, &raw const a) }.then(|| plain2(&root))
    }

    /// The inverse; zero for zero.
    pub(crate) fn fp_inverse(x: &Words) -> Words {
        let a = montgomery(x);
        let mut inverse = blst_fp::default();
        unsafe { blst::blst_fp_inverse(&raw mut inverse, &raw const a) };
        plain(&inverse)
    }

    /// The inverse; zero for zero.
    pub(crate) fn fp2_inverse(x: &Pair) -> Pair {
        let a = montgomery2(x);
        let mut inverse = blst_fp2::default();
        unsafe { blst::blst_fp2_inverse(&raw mut inverse, &raw const a) };
        plain2(&inverse)
    }

    const fn raw(x: &Words) -> blst_fp {
        blst_fp { l: *x }
    }

    fn raw2(x: &Pair) -> blst_fp2 {
        let [real, imaginary] = halves(x);
        blst_fp2 {
            fp: [raw(real), raw(imaginary)],
        }
    }

    fn words2(x: &blst_fp2) -> Pair {
        joined(&x.fp[0].l, &x.fp[1].l)
    }

    fn montgomery(x: &Words) -> blst_fp {
        let mut form = blst_fp::default();
        unsafe { blst::blst_fp_from_uint64(&raw mut form, x.as_ptr()) };
        form
    }

    fn montgomery2(x: &Pair) -> blst_fp2 {
        let [real, imaginary] = halves(x);
        blst_fp2 {
            fp: [montgomery(real), montgomery(imaginary)],
        }
    }

    fn plain(x: &blst_fp) -> Words {
        let mut words = [0; 6];
        unsafe { blst::blst_uint64_from_fp(words.as_mut_ptr(), x) };
        words
    }

    fn plain2(x: &blst_fp2) -> Pair {
        joined(&plain(&x.fp[0]), &plain(&x.fp[1]))
    }

    fn point(p: &Pair) -> blst_p1_affine {
        let [x, y] = halves(p);
        blst_p1_affine {
            x: montgomery(x),
            y: montgomery(y),
        }
    }

    fn coordinates(p: &blst_p1) -> Pair {
        let mut affine = blst_p1_affine::default();
        unsafe { blst::blst_p1_to_affine(&raw mut affine, p) };
        joined(&plain(&affine.x), &plain(&affine.y))
    }

    fn halves(x: &Pair) -> [&Words; 2] {
        let [first, second] = x.as_chunks::<6>().0 else {
            unreachable!("twelve words are twice six");
        };
        [first, second]
    }

    fn joined(first: &Words, second: &Words) -> Pair {
        let mut pair = [0; 12];
        pair[..6].copy_from_slice(first);
        pair[6..].copy_from_slice(second);
        pair
    }
}

#[cfg(not(target_os = "zkvm"))]
pub(crate) use target::{fp_inverse, fp_root, fp2_inverse, fp2_root};
