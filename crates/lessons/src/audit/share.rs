//! A share of seeds, its confidence interval, and the verdict that follows from it.

use diagnostics::fixed;

use super::ClaimKind;

/// A number of seeds out of a total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Seeds at which the claim holds.
    pub holding: usize,
    /// The number of seeds in all.
    pub of: usize,
}

/// The conclusion from all seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// The claim holds at nearly all seeds, or at most of them if it says "often".
    Holds,
    /// The claim holds at few seeds or none.
    Fails,
    /// Neither: it depends on the seed.
    Depends,
}

impl Conclusion {
    /// The word for it in tables.
    pub fn text(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "FAILS",
            Self::Depends => "depends",
        }
    }
}

impl Share {
    /// Wilson's 95% interval for the share (Wilson 1927). It lies within 0..1 and has a positive width at both ends.
    pub fn interval(self) -> (f64, f64) {
        /// The 97.5% point of the standard normal distribution.
        const Z: f64 = 1.959_963_984_540_054;
        let (n, p) = (self.of as f64, self.holding as f64 / self.of as f64);
        let (center, scale) = (p + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        (((center - half) / scale).max(0.0), ((center + half) / scale).min(1.0))
    }

    /// The share with its interval: `98.2% [97.2, 98.9]`.
    pub fn text(self) -> String {
        let (low, high) = self.interval();
        let percent = |share: f64| fixed(100.0 * share, 1);
        format!("{}% [{}, {}]", percent(self.holding as f64 / self.of as f64), percent(low), percent(high))
    }
}

impl ClaimKind {
    /// The verdict on a claim of this kind that holds at such a share of seeds.
    pub fn verdict(self, share: Share) -> Conclusion {
        let (low, high) = share.interval();
        let (above, below) = match self {
            Self::Always | Self::ByDefinition => (0.9, 0.1),
            Self::Often => (0.5, 0.5),
        };
        if low > above {
            Conclusion::Holds
        } else if high < below {
            Conclusion::Fails
        } else {
            Conclusion::Depends
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ClaimKind, Conclusion, Share};

    /// R's `prop.test(…, correct = FALSE)`: 15 of 50 gives 0.1910..0.4375.
    #[test]
    fn the_interval_is_wilsons() {
        let (low, high) = Share { holding: 15, of: 50 }.interval();
        assert!((low - 0.191_0).abs() < 5e-5 && (high - 0.437_5).abs() < 5e-5, "{low} {high}");
        let (low, high) = Share { holding: 1000, of: 1000 }.interval();
        assert!((low - 0.996_2).abs() < 5e-5 && high == 1.0);
    }

    #[test]
    fn verdicts_follow_the_interval() {
        let verdict = |kind: ClaimKind, holding| kind.verdict(Share { holding, of: 1000 });
        assert_eq!(verdict(ClaimKind::Always, 1000), Conclusion::Holds);
        assert_eq!(verdict(ClaimKind::Always, 910), Conclusion::Depends);
        assert_eq!(verdict(ClaimKind::Always, 20), Conclusion::Fails);
        assert_eq!(verdict(ClaimKind::Often, 600), Conclusion::Holds);
        assert_eq!(verdict(ClaimKind::Often, 510), Conclusion::Depends);
        assert_eq!(verdict(ClaimKind::Often, 400), Conclusion::Fails);
    }
}
