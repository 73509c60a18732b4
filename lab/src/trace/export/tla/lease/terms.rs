//! Constants of a lease run that the trace does not contain: the lease terms of granter and
//! holders.
//!
//! They are inferred from the behaviour of the nodes. If no safe terms fit a run, TLC rejects it:
//! either the inferred terms are unsafe, or some step violates them.

use super::clocks::Clocks;
use super::{sent, time};
use crate::trace::export::tla::TlaError;
use crate::trace::export::tla::reading::Reading;
use crate::trace::export::tla::text::Expr;
use crate::trace::{EventKind, Lane};

/// Returns the shortest observed terms, a drift bound that holds for all clocks, and the resulting
/// waiting time for a granter that has lost its grants.
pub(super) fn of(reading: &Reading<'_>) -> Result<Expr, TlaError> {
    let mut clocks = Clocks::new(reading.document.header.nodes.len());
    let (mut granter, mut holder, mut drift) = (None, None, 0);
    let mut last = None;
    for event in &reading.document.events {
        let Some(Lane::Node(at)) = event.lane else { continue };
        let place = reading.at(event.id);
        match &event.what {
            EventKind::Drift { ppm } => {
                clocks.drift(at, event.at, *ppm);
                drift = drift.max(ppm.unsigned_abs());
            }
            EventKind::Fact(payload) if payload.name == "LeaseGranted" => {
                let expires = payload.body["expires"].as_u64().ok_or_else(|| place.unreadable("expires"))?;
                let now = clocks.read(event.at).get(at.index()).copied().unwrap_or_default();
                shorten(&mut granter, expires.saturating_sub(now));
            }
            EventKind::Fact(payload) if payload.name == "LeaseHeld" => {
                let until = payload.body["until"].as_u64().ok_or_else(|| place.unreadable("until"))?;
                let grant = reading.trigger(event).filter(|letter| letter.payload.name == "Granted");
                let grant = grant.ok_or_else(|| place.unreadable("a grant that has arrived"))?;
                shorten(&mut holder, until.saturating_sub(sent(place, &grant.payload.body)?));
            }
            _ => {}
        }
        last = Some(place);
    }
    // Without events no step uses the terms.
    let Some(place) = last else { return Ok(Expr::Tuple(Vec::new())) };
    // No lease was granted, or no grant was delivered: any duration will do.
    let granter = granter.unwrap_or(1);
    let holder = holder.unwrap_or(0);
    Ok(Expr::Record(vec![
        ("granter", time(place, granter)?),
        ("holder", time(place, holder)?),
        ("silence", time(place, silence(holder, drift))?),
        ("drift", Expr::Number(place.count(drift)?)),
    ]))
}

fn shorten(term: &mut Option<u64>, by: u64) {
    *term = Some(term.map_or(by, |term| term.min(by)));
}

/// Shortest waiting time after which no holder still acts: `holder · (1+ρ) / (1−ρ)`, rounded up.
fn silence(holder: u64, ppm: u64) -> u64 {
    const MILLION: u128 = 1_000_000;
    let (fastest, slowest) = (MILLION + u128::from(ppm), MILLION.saturating_sub(u128::from(ppm)).max(1));
    u64::try_from((u128::from(holder) * fastest).div_ceil(slowest)).unwrap_or(u64::MAX)
}
