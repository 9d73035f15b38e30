//! The mathematics of waiting lines: Erlang B, C and A, and how many agents a promise takes.
//!
//! Everywhere `offered` is the load in erlangs: calls per second times their mean length.
//! All recurrences here are stable: no factorial, no difference of large numbers.
//!
//! The simulation in [`queueing`](crate::sim::queueing) is held against these formulas, and
//! these against published values.

/// The share of calls turned away by `agents` who let nobody wait (Erlang B).
#[must_use]
pub fn erlang_b(agents: u32, offered: f64) -> f64 {
    let inverse = (1..=agents).fold(1.0, |inverse, k| 1.0 + inverse * f64::from(k) / offered);
    1.0 / inverse
}

/// Callers who wait for ever (Erlang C, M/M/n).
#[derive(Clone, Copy, Debug)]
pub struct ErlangC {
    agents: f64,
    offered: f64,
    length: f64,
}

impl ErlangC {
    /// `calls` per hour, of `length` seconds on average, before so many agents.
    #[must_use]
    pub fn new(agents: u32, calls: f64, length: f64) -> Self {
        Self { agents: f64::from(agents), offered: calls / 3600.0 * length, length }
    }

    /// The share of callers who wait at all.
    #[must_use]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A head count.
    pub fn delayed(&self) -> f64 {
        if self.offered >= self.agents {
            return 1.0;
        }
        let blocked = erlang_b(self.agents as u32, self.offered);
        self.agents * blocked / (self.agents - self.offered * (1.0 - blocked))
    }

    /// The share of callers who wait at most `target` seconds.
    #[must_use]
    pub fn within(&self, target: f64) -> f64 {
        if self.offered >= self.agents {
            return 0.0;
        }
        1.0 - self.delayed() * (-(self.agents - self.offered) * target / self.length).exp()
    }

    /// The mean wait, in seconds.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        if self.offered >= self.agents {
            return f64::INFINITY;
        }
        self.delayed() * self.length / (self.agents - self.offered)
    }

    /// The share of their time that agents speak.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        (self.offered / self.agents).min(1.0)
    }
}

/// The fewest agents who keep the promise: `share` of callers within `target` seconds.
#[must_use]
pub fn agents_for(calls: f64, length: f64, share: f64, target: f64) -> u32 {
    let keeps = |agents: &u32| ErlangC::new(*agents, calls, length).within(target) >= share;
    (1..u32::MAX).find(keeps).unwrap_or(u32::MAX)
}

/// Callers who give up after a while (Erlang A, M/M/n+M).
#[derive(Clone, Debug)]
pub struct ErlangA {
    agents: f64,
    /// Calls a second.
    rate: f64,
    length: f64,
    patience: f64,
    /// Relative weights of the states with nobody waiting, but someone serving or idle.
    idle: f64,
    /// Relative weights of the states with 0, 1, 2 … waiting and no agent idle.
    waiting: Vec<f64>,
    /// Mean busy agents, as a weight.
    busy: f64,
}

impl ErlangA {
    /// `calls` per hour, of `length` seconds on average, by callers who wait `patience` seconds
    /// on average before they give up, before so many agents.
    #[must_use]
    pub fn new(agents: u32, calls: f64, length: f64, patience: f64) -> Self {
        let n = f64::from(agents);
        let rate = calls / 3600.0;
        // Weights relative to "all agents busy, nobody waiting".
        let (mut weight, mut idle, mut busy) = (1.0, 0.0, 0.0);
        for k in (1..=agents).rev().map(f64::from) {
            weight *= k / (rate * length);
            idle += weight;
            busy += weight * (k - 1.0);
        }
        let mut waiting = vec![];
        let (mut weight, mut sum) = (1.0, idle);
        for ahead in (1..=u32::MAX).map(f64::from) {
            waiting.push(weight);
            sum += weight;
            busy += weight * n;
            weight *= rate / (n / length + ahead / patience);
            if weight < 1e-16 * sum {
                break;
            }
        }
        Self { agents: n, rate, length, patience, idle, waiting, busy }
    }

    fn total(&self) -> f64 {
        self.idle + self.waiting.iter().sum::<f64>()
    }

    /// The share of callers who wait at all.
    #[must_use]
    pub fn delayed(&self) -> f64 {
        self.waiting.iter().sum::<f64>() / self.total()
    }

    /// How many wait on average.
    #[must_use]
    pub fn mean_queue(&self) -> f64 {
        let queued = (0..).map(f64::from).zip(&self.waiting).map(|(ahead, weight)| ahead * weight);
        queued.sum::<f64>() / self.total()
    }

    /// The share of callers who give up.
    #[must_use]
    pub fn abandoned(&self) -> f64 {
        self.mean_queue() / self.patience / self.rate
    }

    /// The mean wait of all callers, those who give up included, in seconds.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.mean_queue() / self.rate
    }

    /// The share of their time that agents speak.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        self.busy / self.agents / self.total()
    }

    /// The share of callers who would wait at most `target` seconds if they had to.
    #[must_use]
    pub fn offered_wait_within(&self, target: f64) -> f64 {
        self.share(target, |_, _| 1.0, 0.0)
    }

    /// The share of callers served within `target` seconds: of a hundred who call, so many
    /// reach someone in time (F3).
    #[must_use]
    pub fn within(&self, target: f64) -> f64 {
        // Whoever finds `ahead` waiting gets through with this probability, given for ever.
        self.share(target, |ahead, c| c / (c + ahead + 1.0), 1.0)
    }

    /// Weighs the chance of each state to be over by `target`. Whoever finds `ahead` waiting is
    /// served when `ahead + 1` places have come free, and that wait, seen through `1 - exp`, has
    /// a beta distribution with `ahead + 1` and `n mu / theta` (+ `more`).
    fn share(&self, target: f64, through: impl Fn(f64, f64) -> f64, more: f64) -> f64 {
        let c = self.agents * self.patience / self.length;
        let x = -(-target / self.patience).exp_m1();
        let served = (0..).map(f64::from).zip(&self.waiting).map(|(ahead, weight)| {
            weight * beta_share(x, ahead + 1.0, c + more) * through(ahead, c)
        });
        (self.idle + served.sum::<f64>()) / self.total()
    }
}

/// The limit of the share who wait, for `offered + beta * sqrt(offered)` agents as the load
/// grows (Halfin and Whitt 1981).
#[must_use]
pub fn halfin_whitt(beta: f64) -> f64 {
    let density = (-beta * beta / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    1.0 / (1.0 + beta * normal_share(beta) / density)
}

/// The mean waits of two classes of callers when the first always goes before the second, but
/// never interrupts (Cobham 1954).
#[must_use]
pub fn priority_waits(agents: u32, first: f64, second: f64, length: f64) -> (f64, f64) {
    let all = ErlangC::new(agents, first + second, length);
    let n = f64::from(agents);
    let left = |calls: f64| 1.0 - calls / 3600.0 * length / n;
    let high = all.delayed() * length / n / left(first);
    (high, high / left(first + second))
}

/// The mean waits of two classes of callers when the largest wait / target goes first, `ratio`
/// being the first target by the second, at most 1 (Kleinrock 1964, accumulating priority). The
/// ratio of the waits comes near that of the targets as the load grows.
#[must_use]
pub fn ratio_waits(agents: u32, first: f64, second: f64, length: f64, ratio: f64) -> (f64, f64) {
    let all = ErlangC::new(agents, first + second, length).mean_wait();
    let load = first / 3600.0 * length / f64::from(agents);
    let low = all / (1.0 - load * (1.0 - ratio));
    // What one class gains the other pays.
    ((all * (first + second) - low * second) / first, low)
}

/// The share of a normal distribution below `x`.
fn normal_share(x: f64) -> f64 {
    // The series of Marsaglia 2004, whose terms shrink once k exceeds x².
    let (mut sum, mut term) = (x, x);
    for k in (3..1000).step_by(2).map(f64::from) {
        term *= x * x / k;
        sum += term;
    }
    0.5 + sum * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The regularised incomplete beta function `I_x(a, b)` (DLMF 8.17), by its continued fraction.
fn beta_share(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean only; the other is its mirror.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_share(1.0 - x, b, a);
    }
    let front = a * x.ln() + b * (1.0 - x).ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    let tiny = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    // Lentz's method, two terms at a time (DLMF 8.17.22).
    let mut above = 1.0;
    let mut below = 1.0 / tiny(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = below;
    for m in (1..1000).map(f64::from) {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            below = 1.0 / tiny(1.0 + term * below);
            above = tiny(1.0 + term / above);
            fraction *= above * below;
        }
        if (fraction / before - 1.0).abs() < 1e-15 {
            break;
        }
    }
    front.exp() * fraction / a
}

/// The logarithm of the gamma function: Stirling's series (DLMF 5.11.1), after moving up to
/// where it is exact.
fn ln_gamma(x: f64) -> f64 {
    let (mut z, mut product) = (x, 1.0);
    while z < 20.0 {
        product *= z;
        z += 1.0;
    }
    let w = 1.0 / (z * z);
    let series = (1.0 / 12.0 - w * (1.0 / 360.0 - w * (1.0 / 1260.0 - w / 1680.0))) / z;
    (z - 0.5) * z.ln() - z + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - product.ln()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Published and independently computed values, one a line.
    const REFERENCE: &str = include_str!("../../tests/data/erlang-reference.csv");

    #[test]
    fn every_reference_value_is_met() {
        let mut faults = vec![];
        for line in REFERENCE.lines().skip(1) {
            let [id, model, inputs, output, value] =
                line.split(',').collect::<Vec<_>>().try_into().unwrap();
            let value: f64 = value.parse().unwrap();
            let inputs: BTreeMap<&str, f64> = inputs
                .split(';')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| (name, value.parse().unwrap()))
                .collect();
            let of =
                |name: &str| inputs.get(name).copied().unwrap_or_else(|| panic!("{id}: {name}"));
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let n = || of("n") as u32;
            let c = || ErlangC::new(n(), of("calls_per_h"), of("aht_s"));
            let a = || ErlangA::new(n(), of("calls_per_h"), of("aht_s"), of("patience_s"));
            let ours = match (model, output) {
                ("erlang_b", "blocking") => erlang_b(n(), of("a")),
                ("erlang_c", "p_wait") => c().delayed(),
                ("erlang_c", "sl") => c().within(of("t_s")),
                ("erlang_c", "asa_s") => c().mean_wait(),
                ("erlang_c", "occ") => c().occupancy(),
                ("erlang_a", "p_wait") => a().delayed(),
                ("erlang_a", "p_abandon") => a().abandoned(),
                ("erlang_a", "mean_queue") => a().mean_queue(),
                ("erlang_a", "mean_wait_all_s") => a().mean_wait(),
                ("erlang_a", "occ") => a().occupancy(),
                ("erlang_a", "p_virtual_wait_le_t") => a().offered_wait_within(of("t_s")),
                ("erlang_a", "sl_served_within_t_over_offered") => a().within(of("t_s")),
                ("halfin_whitt", "p_wait_limit") => halfin_whitt(of("beta")),
                ("nonpreemptive_priority", which) => {
                    let waits = priority_waits(
                        n(),
                        of("hi_calls_per_h"),
                        of("lo_calls_per_h"),
                        of("aht_s"),
                    );
                    if which == "mean_wait_hi_s" { waits.0 } else { waits.1 }
                }
                ("required_agents_erlang_c", "n") => {
                    f64::from(agents_for(of("calls_per_h"), of("aht_s"), of("sl"), of("t_s")))
                }
                other => panic!("{id}: {other:?}"),
            };
            if (ours - value).abs() > 1e-9 * value.abs().max(1e-3) {
                faults.push(format!("{id} {model} {output}: {ours} is not {value}"));
            }
        }
        assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    }

    #[test]
    fn waits_by_ratio_lie_between_one_line_and_priority() {
        let near = |ours: (f64, f64), theirs: (f64, f64)| {
            assert!((ours.0 - theirs.0).abs() < 1e-9 && (ours.1 - theirs.1).abs() < 1e-9);
        };
        let alike = ErlangC::new(10, 100.0, 240.0).mean_wait();
        near(ratio_waits(10, 30.0, 70.0, 240.0, 1.0), (alike, alike));
        near(ratio_waits(10, 30.0, 70.0, 240.0, 0.0), priority_waits(10, 30.0, 70.0, 240.0));
    }

    #[test]
    fn a_load_beyond_all_agents_never_ends_its_wait() {
        let over = ErlangC::new(6, 100.0, 240.0);
        assert_eq!((over.delayed(), over.within(20.0)), (1.0, 0.0));
        assert!(over.mean_wait().is_infinite());
        // With impatience it still has an answer.
        assert!((ErlangA::new(6, 100.0, 240.0, 180.0).within(20.0) - 0.46).abs() < 0.01);
    }
}
