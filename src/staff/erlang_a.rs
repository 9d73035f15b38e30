//! Erlang A (M/M/n+M): callers who give up after a while.
//!
//! Palm 1957; Garnett, Mandelbaum and Reiman 2002. Poisson arrivals, exponential handling times
//! and patience, first come first served. It has an answer for every load, also for one many times
//! too large: as many give up as cannot be served. Plan with Erlang C, explain with this.
//!
//! ```text
//! callers inside:  0 ⇄ 1 ⇄ … ⇄ n-1 │ n ⇄ n+1 ⇄ …      down at n/h + j/patience from n+j
//!                  someone is free │ j = 0, 1, … wait
//! ```
//!
//! All weights are relative to the likeliest state with nobody free, so none of them overflows; those
//! that underflow count for nothing. A caller who finds `j` waiting reaches an agent with
//! probability `c / (c + j + 1)`, `c = n * patience / h`, and everything follows from adding that up.

use crate::staff::{
    erlang_b::{carried, odds_of_someone_free},
    load::Load,
    special::{beta_share, harmonic, ln_beta},
};

/// So many agents before so much work of callers with so much patience.
#[derive(Clone, Debug, PartialEq)]
pub struct ErlangA {
    agents: f64,
    load: Load,
    patience_s: f64,
    /// The weight of all states with someone free.
    free: f64,
    /// The weights of the states with nobody free, the longest line last. States too unlikely to
    /// count are left out at both ends.
    waiting: Vec<f64>,
    /// How many wait in the last state of `waiting`, and one.
    end: f64,
    /// Agents busy while someone is free, on average.
    busy_if_free: f64,
}

/// What became of callers within a time: shares of all who called.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Within {
    /// Reached an agent in that time: the service level by F3.
    pub answered: f64,
    /// Gave up in that time.
    pub abandoned: f64,
}

impl ErlangA {
    /// `agents` who all take the same calls, of callers who wait `patience_s` seconds on average
    /// before they give up; more than 0 and finite.
    ///
    /// Takes as many steps as there are agents, and some ten times the root of how many call
    /// within a patience.
    #[must_use]
    pub fn new(agents: u32, load: Load, patience_s: f64) -> Self {
        let (n, rate) = (f64::from(agents), load.rate());
        let leaving = |waiting: f64| n / load.aht_s + waiting / patience_s;
        // As many come as leave: the likeliest number of waiting callers.
        let likeliest = ((rate - leaving(0.0)) * patience_s).floor().max(0.0);
        let (mut waiting, mut weight, mut line) = (vec![], 1.0, likeliest);
        while line > 0.0 && weight >= f64::MIN_POSITIVE {
            weight *= leaving(line) / rate;
            line -= 1.0;
            waiting.push(weight);
        }
        let none_waits = if line > 0.0 { 0.0 } else { weight };
        waiting.reverse();
        let mut sum: f64 = waiting.iter().sum();
        (weight, line) = (1.0, likeliest);
        while weight > 1e-18 * sum {
            waiting.push(weight);
            sum += weight;
            line += 1.0;
            weight *= rate / leaving(line);
        }
        // Both sides of the wall between free and not, by its share of Erlang B: neither infinite.
        let odds = odds_of_someone_free(agents, load.erlangs());
        let (someone, nobody) =
            if odds.is_infinite() { (1.0, 0.0) } else { (odds / (1.0 + odds), 1.0 / (1.0 + odds)) };
        let free = none_waits * someone;
        let total = free + sum * nobody;
        for weight in &mut waiting {
            *weight *= nobody / total;
        }
        let busy_if_free = carried(agents.saturating_sub(1), load.erlangs());
        Self { agents: n, load, patience_s, free: free / total, waiting, end: line, busy_if_free }
    }

    /// The share of callers who find nobody free.
    #[must_use]
    pub fn delayed(&self) -> f64 {
        self.waiting.iter().sum()
    }

    /// The share of callers who give up.
    #[must_use]
    pub fn abandoned(&self) -> f64 {
        self.sum(|weight, waiting| weight * (waiting + 1.0) / (self.places() + waiting + 1.0))
    }

    /// The share of callers who reach an agent.
    #[must_use]
    pub fn answered(&self) -> f64 {
        self.free + self.sum(|weight, waiting| weight * self.reaches(waiting))
    }

    /// The mean wait of all callers in seconds, of those too who give up or need not wait.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        self.abandoned() * self.patience_s
    }

    /// The mean wait in seconds of those who reach an agent (ASA).
    #[must_use]
    pub fn mean_wait_of_answered(&self) -> f64 {
        // Given that they get through, each step is as quick as with one more who leaves.
        let wait = |waiting: f64| self.patience_s * harmonic(self.places() + 1.0, waiting);
        let waited = self.sum(|weight, waiting| weight * self.reaches(waiting) * wait(waiting));
        let answered = self.answered();
        if answered > 0.0 { waited / answered } else { f64::INFINITY }
    }

    /// How many wait on average (Little 1961).
    #[must_use]
    pub fn mean_queue(&self) -> f64 {
        self.load.rate() * self.mean_wait()
    }

    /// The share of their time that agents are busy.
    #[must_use]
    pub fn occupancy(&self) -> f64 {
        if self.agents > 0.0 {
            self.delayed() + self.free * self.busy_if_free / self.agents
        } else {
            0.0
        }
    }

    /// The share of callers who would wait at most so many seconds if they had to: the virtual
    /// wait, which an unwearying caller would have.
    #[must_use]
    pub fn virtual_wait_within(&self, seconds: f64) -> f64 {
        self.shares(seconds, |_| 1.0, self.places())
    }

    /// What became of callers within so many seconds.
    #[must_use]
    pub fn within(&self, seconds: f64) -> Within {
        let answered = self.shares(seconds, |waiting| self.reaches(waiting), self.places() + 1.0);
        Within { answered, abandoned: (1.0 - self.beyond(seconds) - answered).max(0.0) }
    }

    /// The share of callers who wait longer than so many seconds, whatever becomes of them.
    #[must_use]
    pub fn beyond(&self, seconds: f64) -> f64 {
        (1.0 - self.virtual_wait_within(seconds)) * (-seconds / self.patience_s).exp()
    }

    /// The wait in seconds that a share of callers does not exceed, given up or not.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let beyond = 1.0 - share;
        if self.delayed() <= beyond {
            return 0.0;
        }
        // Nobody's patience lasts longer than this for that share.
        let (mut low, mut high) = (0.0, -self.patience_s * beyond.ln());
        while high - low > 1e-9 * high {
            let middle = f64::midpoint(low, high);
            if self.beyond(middle) > beyond { low = middle } else { high = middle }
        }
        high
    }

    /// `c`: how many agents come free while one caller's patience lasts, all being busy.
    fn places(&self) -> f64 {
        self.agents * self.patience_s / self.load.aht_s
    }

    /// The chance to reach an agent of a caller who finds so many waiting.
    fn reaches(&self, waiting: f64) -> f64 {
        self.places() / (self.places() + waiting + 1.0)
    }

    /// Adds up what each state with nobody free is worth.
    fn sum(&self, worth: impl Fn(f64, f64) -> f64) -> f64 {
        self.states().map(|(weight, waiting)| worth(weight, waiting)).sum()
    }

    /// The weights of the states with nobody free, and how many wait in each, from the longest
    /// line down: so small weights are added before large ones.
    fn states(&self) -> impl Iterator<Item = (f64, f64)> {
        let mut line = self.end;
        self.waiting.iter().rev().map(move |weight| {
            line -= 1.0;
            (*weight, line)
        })
    }

    /// Weighs the chance of each state to be over in time. Who finds `j` waiting is served when
    /// `j + 1` have left, and that wait, seen through `1 - exp`, has the beta distribution
    /// `I_x(j + 1, b)`, `x = 1 - exp(-t/patience)`.
    ///
    /// From the longest line down each is the next plus one positive term (DLMF 8.17.20), kept
    /// as a logarithm, so the function itself is called once.
    fn shares(&self, seconds: f64, worth: impl Fn(f64) -> f64, b: f64) -> f64 {
        let ln_short = -seconds / self.patience_s;
        let x = -ln_short.exp_m1();
        if x <= 0.0 || b <= 0.0 {
            return self.free;
        }
        let longest = self.end;
        let mut share = beta_share(x, longest, b);
        let mut ln_step = longest * x.ln() + b * ln_short - longest.ln() - ln_beta(longest, b);
        let in_time = self.states().map(|(weight, waiting)| {
            let a = waiting + 1.0;
            if a < longest {
                ln_step += ((a + 1.0) / (x * (a + b))).ln();
                share += ln_step.exp();
            }
            weight * worth(waiting) * share.min(1.0)
        });
        self.free + in_time.sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staff::{erlang_b::blocking, erlang_c::ErlangC};

    #[track_caller]
    fn near(ours: f64, theirs: f64, share: f64) {
        assert!((ours / theirs - 1.0).abs() < share, "{ours} is not {theirs}");
    }

    #[test]
    fn patience_without_end_is_erlang_c_and_none_is_erlang_b() {
        let load = Load::new(200.0, 180.0);
        let (patient, c) = (ErlangA::new(14, load, 1e9), ErlangC::new(14, load));
        near(patient.delayed(), c.delayed(), 1e-5);
        near(patient.within(20.0).answered, c.within(20.0), 1e-5);
        near(patient.mean_wait_of_answered(), c.mean_wait(), 1e-5);
        near(patient.quantile(0.95), c.quantile(0.95), 1e-5);
        let hasty = ErlangA::new(14, load, 1e-7);
        near(hasty.abandoned(), blocking(14, 10.0), 1e-6);
    }

    #[test]
    fn callers_are_served_or_give_up_and_agents_do_no_more_than_they_bring() {
        for (agents, calls, patience) in
            [(6, 100.0, 120.0), (1, 1e-6, 60.0), (10_000, 160_000.0, 180.0), (10, 1e5, 1e5)]
        {
            let load = Load::new(calls, 240.0);
            let line = ErlangA::new(agents, load, patience);
            near(line.answered() + line.abandoned(), 1.0, 1e-10);
            near(line.occupancy(), load.erlangs() * line.answered() / f64::from(agents), 1e-9);
            let ever = line.within(1e9);
            near(ever.answered, line.answered(), 1e-9);
            let at_once = line.within(0.0);
            near(at_once.answered + line.delayed(), 1.0, 1e-10);
            assert!(line.mean_wait_of_answered().is_finite());
        }
    }

    #[test]
    fn every_wait_adds_up() {
        // The mean of all waits is the area under the share who wait longer.
        let line = ErlangA::new(8, Load::new(100.0, 240.0), 120.0);
        let area: f64 = (0..40_000).map(|tenth| line.beyond(f64::from(tenth) * 0.05 + 0.025)).sum();
        near(area * 0.05, line.mean_wait(), 1e-5);
        for share in [0.5, 0.8, 0.9, 0.99] {
            let wait = line.quantile(share);
            assert!(wait == 0.0 || (line.beyond(wait) - (1.0 - share)).abs() < 1e-8, "{share}");
        }
        // Of those answered, by the same means.
        let steps = (0..40_000).map(|step| f64::from(step) * 0.05);
        let still: f64 = steps.map(|at| line.answered() - line.within(at + 0.025).answered).sum();
        near(still * 0.05 / line.answered(), line.mean_wait_of_answered(), 1e-4);
    }

    #[test]
    fn tiny_and_huge_loads_keep_their_digits() {
        // One agent, hardly a call: who finds the other there waits, and few at that.
        let tiny = ErlangA::new(1, Load::new(3.6e-9, 240.0), 120.0);
        near(tiny.delayed(), 2.4e-10, 1e-8);
        near(tiny.abandoned(), 2.4e-10 * 2.0 / 3.0, 1e-8);
        assert_eq!(ErlangA::new(10_000, Load::new(1.0, 240.0), 120.0).delayed(), 0.0);
        // A thousand times too much: agents never rest, the others give up.
        let huge = ErlangA::new(10, Load::new(150_000.0, 240.0), 120.0);
        near(huge.occupancy(), 1.0, 1e-12);
        near(huge.answered(), 1e-3, 1e-9);
        assert!(huge.within(1.0).answered < 1e-300);
    }

    #[test]
    fn where_nobody_calls_or_nobody_works_it_has_an_answer() {
        let idle = ErlangA::new(3, Load::new(0.0, 240.0), 120.0);
        assert_eq!((idle.delayed(), idle.abandoned(), idle.occupancy()), (0.0, 0.0, 0.0));
        assert_eq!(idle.within(20.0), Within { answered: 1.0, abandoned: 0.0 });
        let alone = ErlangA::new(0, Load::new(100.0, 240.0), 120.0);
        assert_eq!((alone.delayed(), alone.answered(), alone.occupancy()), (1.0, 0.0, 0.0));
        near(alone.mean_wait(), 120.0, 1e-12);
        near(alone.within(20.0).abandoned, 1.0 - (-20.0_f64 / 120.0).exp(), 1e-12);
    }
}
