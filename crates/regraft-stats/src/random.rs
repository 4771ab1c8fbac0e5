//! Draws by number: any draw is a pure function of (seed, patient, stream name, index).
//!
//! There is no generator to pass around and no order of drawing: patient 7 is the same person in every
//! arm, in every cohort size and on every thread, and a new stream changes no other.
//! The bits come from Philox4x32-10 \[Salmon2011\]: the counter is (index, patient), the key is mixed from
//! the seed and the stream's name. Two draws of one stream name never share a block, and under one seed
//! two names share a key only if their [`name_key`]s are equal.

use rand_philox::{philox4x32_10, splitmix64};

use crate::math;

/// The root of all draws of one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    /// The stream of one patient for one purpose. `name` is stable text such as `"relapse_hazard"`.
    pub fn stream(self, patient: u64, name: &str) -> Stream {
        self.streams(name).of(patient)
    }

    /// The streams of all patients for one purpose: the name is read once.
    pub fn streams(self, name: &str) -> Streams {
        // Both steps are one-to-one in the seed and in the name's key.
        let key = splitmix64(splitmix64(self.0.wrapping_add(GOLDEN_GAMMA)) ^ name_key(name));
        Streams { key: [key as u32, (key >> 32) as u32] }
    }
}

/// The streams of all patients for one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streams {
    key: [u32; 2],
}

impl Streams {
    /// That of one patient.
    pub fn of(self, patient: u64) -> Stream {
        Stream { key: self.key, patient: [patient as u32, (patient >> 32) as u32] }
    }
}

/// 2⁶⁴ / golden ratio, the increment of SplitMix64; keeps seed 0 from being a fixed point.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// Key of a stream name: FNV-1a, 64 bits, over its UTF-8 bytes. Part of the promise that a seed keeps its
/// meaning.
pub fn name_key(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The draws of one patient for one purpose, by index. Each index is an independent draw; asking twice
/// gives the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
    patient: [u32; 2],
}

impl Stream {
    /// 64 random bits.
    pub fn bits(&self, index: u64) -> u64 {
        let counter = [index as u32, (index >> 32) as u32, self.patient[0], self.patient[1]];
        let block = philox4x32_10(counter, self.key);
        u64::from(block[0]) | u64::from(block[1]) << 32
    }

    /// Uniform on the open interval (0, 1).
    ///
    /// u = (k + ½) / 2⁵², k of 52 bits: an odd multiple of 2⁻⁵³, so that u and 1 − u are both exact and
    /// equally likely, and neither 0 nor 1 occurs.
    pub fn uniform(&self, index: u64) -> f64 {
        const STEP: f64 = 1.0 / 4_503_599_627_370_496.0;
        ((self.bits(index) >> 12) as f64 + 0.5) * STEP
    }

    /// Standard normal: the inverse distribution function of [`uniform`](Self::uniform) at the same index.
    pub fn normal(&self, index: u64) -> f64 {
        math::normal_quantile(self.uniform(index))
    }

    /// Exponential with mean 1: −ln(1 − u), u the uniform at the same index.
    pub fn exponential(&self, index: u64) -> f64 {
        -math::ln(1.0 - self.uniform(index))
    }

    /// Poisson count with the given mean, by inversion of the uniform at the same index.
    ///
    /// Never falls when the mean rises at the same index. 0 where the mean is not positive.
    pub fn poisson(&self, index: u64, mean: f64) -> u64 {
        math::poisson_quantile(self.uniform(index), mean)
    }

    /// One of 0 … n − 1; 0 for n = 0.
    ///
    /// The upper half of bits · n \[Lemire2019\]: any two values differ in probability by at most 2⁻⁶⁴.
    pub fn below(&self, index: u64, n: usize) -> usize {
        ((u128::from(self.bits(index)) * n as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests;
