//! The instruction sets a routine can be run with.

/// An instruction set. All give the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Body {
    /// What every machine has.
    Portable,
    /// Vectors of 4 with fused multiply-add.
    Avx2,
    /// Vectors of 8.
    Avx512,
}

impl Body {
    /// Every instruction set, the widest last.
    pub const ALL: [Body; 3] = [Body::Portable, Body::Avx2, Body::Avx512];

    /// Whether this machine has it.
    pub fn is_available(self) -> bool {
        match self {
            Body::Portable => true,
            #[cfg(target_arch = "x86_64")]
            Body::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Body::Avx512 => {
                let foundation = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq");
                Body::Avx2.is_available() && foundation
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The widest this machine has.
    pub fn best() -> Body {
        Body::ALL.into_iter().rev().find(|body| body.is_available()).unwrap_or(Body::Portable)
    }
}
