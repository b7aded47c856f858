//! Products of small matrices, whose arithmetic takes less time than packing and calls.

use crate::shape::Transposition;

/// The multiply-adds up to which a product is small: those that faer computes without blocks, each value as one chain of fused
/// multiply-adds along the inner axis, which tiles keep.
const MOST: usize = 16 * 16 * 16;

/// The longest inner axis that faer does not cut.
const LONGEST: usize = 64;

/// The longest inner axis whose chain begins with a product; a longer one begins with 0. Only the sign of a sum of −0 shows it.
const UNROLLED: usize = 16;

/// The most values of a second factor that is packed.
const PACKED: usize = 512;

/// Values in a vector.
const LANES: usize = 8;

/// Sets `out` to `a·b`, or adds it; false, with nothing done, if the product is not small or the processor has no AVX2. Vectors
/// and outer products are left to faer, which adds up in another order there.
#[cfg(target_arch = "x86_64")]
pub(crate) fn product(
    how: Transposition,
    [m, k, n]: [usize; 3],
    a: &[f32],
    b: &[f32],
    out: &mut [f32],
    add: bool,
) -> bool {
    let transposed = matches!(how, Transposition::Nt | Transposition::Tt);
    let width = n.next_multiple_of(LANES);
    let packs = transposed || width > n;
    let chains = m > 1 && k > 1 && n > 1 && k <= LONGEST;
    if !chains || m.saturating_mul(k).saturating_mul(n) > MOST || packs && k * width > PACKED {
        return false;
    }
    let Some(simd) = pulp::x86::V3::try_new() else { return false };
    let tiles = tiles::Tiles { simd, m, n, k, width, add };
    let packed = packs.then_some(transposed);
    if matches!(how, Transposition::Nn | Transposition::Nt) {
        simd.vectorize(tiles::SmallProduct::<false> { tiles, packed, a, b, out });
    } else {
        simd.vectorize(tiles::SmallProduct::<true> { tiles, packed, a, b, out });
    }
    true
}

/// No product is small.
#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn product(_: Transposition, _: [usize; 3], _: &[f32], _: &[f32], _: &mut [f32], _: bool) -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
mod tiles {
    use pulp::bytemuck::cast;
    use pulp::x86::V3;
    use pulp::{NullaryFnOnce, f32x8};

    use super::{LANES, PACKED, UNROLLED};

    /// The sizes of a product, and the length of the second factor's rows.
    #[derive(Clone, Copy)]
    pub(super) struct Tiles {
        pub(super) simd: V3,
        pub(super) m: usize,
        pub(super) n: usize,
        pub(super) k: usize,
        pub(super) width: usize,
        pub(super) add: bool,
    }

    /// A product and its slices; A is true if the first factor is stored transposed. It is no closure, which the compiler inlines as it likes, and not where it is large.
    pub(super) struct SmallProduct<'a, const A: bool> {
        pub(super) tiles: Tiles,
        /// If the second factor is packed, true if it is stored transposed.
        pub(super) packed: Option<bool>,
        pub(super) a: &'a [f32],
        pub(super) b: &'a [f32],
        pub(super) out: &'a mut [f32],
    }

    impl<const A: bool> NullaryFnOnce for SmallProduct<'_, A> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            let Self { tiles, packed, a, b, out } = self;
            match packed {
                None => tiles.all::<A>(a, b, out),
                Some(transposed) => {
                    let mut room = [0.0; PACKED];
                    tiles.pack(transposed, b, &mut room);
                    tiles.all::<A>(a, &room, out);
                }
            }
        }
    }

    impl Tiles {
        /// Copies the second factor, stored as it is or transposed, to rows of whole vectors.
        #[inline(always)]
        fn pack(self, transposed: bool, b: &[f32], packed: &mut [f32]) {
            if transposed {
                for (j, from) in b.chunks_exact(self.k).enumerate() {
                    for (&x, line) in from.iter().zip(packed.chunks_exact_mut(self.width)) {
                        line[j] = x;
                    }
                }
            } else {
                for (line, from) in packed.chunks_exact_mut(self.width).zip(b.chunks_exact(self.n)) {
                    line[..self.n].copy_from_slice(from);
                }
            }
        }

        /// The whole product, in tiles of eight vectors; `b` has rows of `width` values.
        #[inline(always)]
        fn all<const A: bool>(self, a: &[f32], b: &[f32], out: &mut [f32]) {
            let mut column = 0;
            while column + 2 * LANES <= self.width {
                self.strip::<A, 2, 4>(column, a, b, out);
                column += 2 * LANES;
            }
            if column < self.width {
                self.strip::<A, 1, 8>(column, a, b, out);
            }
        }

        /// The columns of V vectors from `column` on, R rows at once and then the rest.
        #[inline(always)]
        fn strip<const A: bool, const V: usize, const R: usize>(
            self,
            column: usize,
            a: &[f32],
            b: &[f32],
            out: &mut [f32],
        ) {
            let mut i = 0;
            while i + R <= self.m {
                self.tile::<A, V, R>([i, column], a, b, out);
                i += R;
            }
            while i < self.m {
                for v in 0..V {
                    self.vector::<A>([i, column + v * LANES], a, b, out);
                }
                i += 1;
            }
        }

        /// R rows of V vectors, eight in all.
        #[inline(always)]
        fn tile<const A: bool, const V: usize, const R: usize>(
            self,
            [i, column]: [usize; 2],
            a: &[f32],
            b: &[f32],
            out: &mut [f32],
        ) {
            // Variables, as arrays of sums do not stay in registers.
            let (mut s0, mut s1, mut s2, mut s3) = (self.start(), self.start(), self.start(), self.start());
            let (mut s4, mut s5, mut s6, mut s7) = (s0, s0, s0, s0);
            let k = self.k;
            // Rows of k values, so that no index below k is checked again.
            let row = |at: usize| if A { &[][..] } else { &a[(i + at / V) * k..][..k] };
            let (r0, r1, r2, r3, r4, r5, r6, r7) =
                (row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7));
            let (mut from_a, mut from_b) = (&a[if A { i } else { 0 }..], &b[column..]);
            for p in 0..k {
                let (vectors, _) = from_b.as_chunks::<LANES>();
                let vectors: &[_; V] = vectors.first_chunk().expect("rows have whole vectors");
                let head = if A { from_a.first_chunk().expect("a row of a has m values") } else { &[0.0; R] };
                macro_rules! add {
                    ($($sum:ident, $at:literal, $row:ident;)*) => {$(
                        let x = self.simd.splat_f32x8(if A { head[$at / V] } else { $row[p] });
                        $sum = self.simd.mul_add_f32x8(x, cast(vectors[$at % V]), $sum);
                    )*};
                }
                add! { s0, 0, r0; s1, 1, r1; s2, 2, r2; s3, 3, r3; s4, 4, r4; s5, 5, r5; s6, 6, r6; s7, 7, r7; }
                from_b = from_b.get(self.width..).unwrap_or_default();
                if A {
                    from_a = from_a.get(self.m..).unwrap_or_default();
                }
            }
            macro_rules! store {
                ($($sum:ident, $at:literal;)*) => {$(
                    self.store($sum, [i + $at / V, column + $at % V * LANES], out);
                )*};
            }
            store! { s0, 0; s1, 1; s2, 2; s3, 3; s4, 4; s5, 5; s6, 6; s7, 7; }
        }

        /// A vector of one row.
        #[inline(always)]
        fn vector<const A: bool>(self, [i, column]: [usize; 2], a: &[f32], b: &[f32], out: &mut [f32]) {
            let mut sum = self.start();
            for p in 0..self.k {
                let x = self.simd.splat_f32x8(a[if A { p * self.m + i } else { i * self.k + p }]);
                let line: &[_; LANES] =
                    b[p * self.width + column..].first_chunk().expect("rows have whole vectors");
                sum = self.simd.mul_add_f32x8(x, cast(*line), sum);
            }
            self.store(sum, [i, column], out);
        }

        #[inline(always)]
        fn start(self) -> f32x8 {
            self.simd.splat_f32x8(if self.k <= UNROLLED { -0.0 } else { 0.0 })
        }

        /// Stores a vector, or as much of it as there is room for.
        #[inline(always)]
        fn store(self, sum: f32x8, [i, column]: [usize; 2], out: &mut [f32]) {
            let to = &mut out[i * self.n..][column..self.n];
            let Some(whole) = to.first_chunk_mut::<LANES>() else {
                let sums: [f32; LANES] = cast(sum);
                for (to, sum) in to.iter_mut().zip(sums) {
                    *to = if self.add { *to + sum } else { sum };
                }
                return;
            };
            *whole = cast(if self.add { self.simd.add_f32x8(cast(*whole), sum) } else { sum });
        }
    }
}
