//! What the media were last ordered to let each leg hear, and what they make of it.
//!
//! ```text
//! Play, Stop, Part, Join, Close ──► whoever heard that leg no longer does
//! two left of a Mix ──► they hear each other; one left ──► nothing
//! ```
//!
//! The media do these things by themselves (`media::machine`); here they are known, so that
//! nothing is ordered that is so already.

use std::collections::BTreeMap;

use crate::{base::numbers::LegNo, bridge::hears::Hears, media::order::Order};

/// What each open leg hears, by the orders to the media. Whoever is not named hears nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ordered(BTreeMap<LegNo, Hears>);

impl Ordered {
    /// What the leg hears.
    #[must_use]
    pub fn hears(&self, leg: LegNo) -> &Hears {
        self.0.get(&leg).unwrap_or(&Hears::Nothing)
    }

    /// The order that makes the leg hear that, if it does not already.
    #[must_use]
    pub fn order_for(&self, leg: LegNo, wanted: &Hears) -> Option<Order> {
        let heard = self.hears(leg);
        if heard == wanted {
            return None;
        }
        Some(match (wanted, heard) {
            (Hears::Nothing, Hears::Other(_) | Hears::Mix(_)) => Order::Part { leg },
            (Hears::Nothing, Hears::Nothing | Hears::Sounds { .. }) => Order::Stop { leg },
            (Hears::Sounds { sounds, loop_last }, _) => {
                Order::Play { leg, sounds: sounds.clone(), loop_last: *loop_last }
            }
            (Hears::Other(other), _) => {
                let (a, b) = (leg.min(*other), leg.max(*other));
                Order::Join { a, b }
            }
            (Hears::Mix(legs), _) => Order::Mix { legs: *legs },
        })
    }

    /// Takes note of an order. Those that change nobody's hearing are none of its business.
    pub fn note(&mut self, order: &Order) {
        match order {
            Order::Play { leg, sounds, loop_last } => {
                self.silence(*leg);
                let (sounds, loop_last) = (sounds.clone(), *loop_last);
                self.0.insert(*leg, Hears::Sounds { sounds, loop_last });
            }
            Order::Stop { leg } | Order::Part { leg } | Order::Close { leg } => self.silence(*leg),
            Order::Join { a, b } => {
                self.silence(*a);
                self.silence(*b);
                self.0.extend([(*a, Hears::Other(*b)), (*b, Hears::Other(*a))]);
            }
            Order::Mix { legs } => {
                for leg in legs {
                    self.silence(*leg);
                }
                self.0.extend(legs.map(|leg| (leg, Hears::Mix(*legs))));
            }
            Order::Open { .. } | Order::Change { .. } | Order::Press { .. } => (),
        }
    }

    /// The leg hears nothing, nor do those who heard it alone. So it is also where the media could
    /// not play to it.
    pub fn silence(&mut self, leg: LegNo) {
        match self.0.remove(&leg) {
            Some(Hears::Other(other)) => {
                self.0.remove(&other);
            }
            Some(Hears::Mix(legs)) => {
                let is_in = |it: &LegNo| self.0.get(it) == Some(&Hears::Mix(legs));
                let left: Vec<_> = legs.into_iter().filter(is_in).collect();
                if let [one, other] = left[..] {
                    self.0.extend([(one, Hears::Other(other)), (other, Hears::Other(one))]);
                }
            }
            Some(Hears::Nothing | Hears::Sounds { .. }) | None => (),
        }
    }
}
