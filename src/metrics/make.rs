//! What every figure is made and moved with: names registered once, counts brought up to date.

use prometheus::{
    GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry,
};

/// Makes figures and registers them. Names and labels are our own words, so a fault among them
/// is a mistake of ours and shows with the first start.
pub(super) struct Make<'a>(&'a Registry);

impl<'a> Make<'a> {
    pub(super) fn new(registry: &'a Registry) -> Self {
        Self(registry)
    }

    pub(super) fn counter(&self, name: &str, help: &str) -> IntCounter {
        self.register(IntCounter::new(name, help))
    }

    pub(super) fn counters(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.register(IntCounterVec::new(Opts::new(name, help), labels))
    }

    pub(super) fn gauge(&self, name: &str, help: &str) -> IntGauge {
        self.register(IntGauge::new(name, help))
    }

    pub(super) fn gauges(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.register(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    pub(super) fn measures(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.register(GaugeVec::new(Opts::new(name, help), labels))
    }

    pub(super) fn histograms(
        &self,
        name: &str,
        help: &str,
        labels: &[&str],
        edges: &[f64],
    ) -> HistogramVec {
        let opts = HistogramOpts::new(name, help).buckets(edges.to_vec());
        self.register(HistogramVec::new(opts, labels))
    }

    pub(super) fn register<T>(&self, figure: prometheus::Result<T>) -> T
    where
        T: prometheus::core::Collector + Clone + 'static,
    {
        let figure = figure.expect("a figure's name and labels are valid words");
        self.0.register(Box::new(figure.clone())).expect("every figure has a name of its own");
        figure
    }
}

/// A count as Prometheus' gauges take it.
pub(super) fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Brings a counter up to `total`; never down.
pub(super) fn raise(counter: &IntCounter, total: u64) {
    counter.inc_by(total.saturating_sub(counter.get()));
}
