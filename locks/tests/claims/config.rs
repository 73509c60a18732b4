//! Settings that no lock can have are refused, each with its values.

use quorate_locks::{Guard, Recipe, Settings};
use quorate_protocol::{Duration, NodeId};

use crate::common::{A, B, R, S, settings};

fn said(settings: Settings) -> String {
    settings.build().unwrap_err().to_string()
}

#[test]
fn each_impossible_lock_is_refused() {
    for recipe in Recipe::ALL {
        assert!(settings(recipe).build().is_ok(), "{recipe}");
    }
    let usual = || settings(Recipe::SetNxPx);
    assert_eq!(
        said(Settings { servers: vec![], ..settings(Recipe::Redlock) }),
        "redlock has no lock server: name at least one"
    );
    assert!(said(Settings { servers: vec![R, NodeId(9)], ..usual() }).starts_with("set-nx-px works with one server"));
    assert!(said(Settings { holders: vec![], ..usual() }).starts_with("nobody wants the lock"));
    assert!(said(Settings { holders: vec![A, B, A], ..usual() }).starts_with("n2 is named twice"));
    assert!(said(Settings { resource: Some(R), ..usual() }).starts_with("n1 is named twice"));
    assert!(said(Settings { ttl: None, ..usual() }).starts_with("set-nx-px lets its key expire"));
    assert!(said(Settings { ttl: Some(Duration::ZERO), ..usual() }).starts_with("the time to live is zero"));
    assert!(said(Settings { ttl: Some(Duration::MAX), ..usual() }).starts_with("the time to live is too long"));
    let ms = Duration::from_millis;
    let short = Settings::new(Recipe::SetNxPx, [R], [A], Some(ms(2)));
    assert!(said(short).ends_with("2.02ms < 2ms is false, choose a longer time to live"));
    let endless = Settings { ttl: Some(ms(9)), ..settings(Recipe::SetNx) };
    assert!(said(endless).starts_with("setnx knows no expiry"));
    assert!(said(Settings { act_every: Some(Duration::ZERO), ..usual() }).contains("between acts is zero"));
    assert!(said(Settings { answer_timeout: Duration::ZERO, ..usual() }).contains("to wait for answers is zero"));
    assert!(said(Settings { retry: Duration::ZERO.into(), ..usual() }).contains("between attempts is zero"));
}

#[test]
fn replicas_and_extensions_that_make_no_sense_are_refused() {
    let replicas = Settings { replicas: vec![NodeId(8)], guard: Guard::Fence, ..settings(Recipe::SetNxPx) };
    assert!(said(replicas.clone()).starts_with("the guard fence is for a resource on one node"));
    assert!(Settings { guard: Guard::MarkFirst, ..replicas.clone() }.build().is_ok());
    assert!(said(Settings { replicas: vec![S], guard: Guard::MarkFirst, ..replicas }).starts_with("n4 is named twice"));
    let others = Settings { others: vec![(A, Guard::Fence)], ..settings(Recipe::SetNxPx) };
    assert!(said(others).starts_with("n2 is named twice"));
    let every = |recipe, span| said(Settings { extend_every: Some(span), ..settings(recipe) });
    assert!(every(Recipe::SetNxExpire, Duration::from_secs(3)).contains("setnx-expire has no value of its own"));
    assert!(every(Recipe::SetNxPx, Duration::ZERO).contains("between extensions is zero"));
}

#[test]
fn a_guard_that_the_recipe_cannot_serve_is_refused() {
    let fenced = Settings { resource: Some(S), guard: Guard::Fence, ..settings(Recipe::Redlock) };
    assert!(said(fenced).contains("Redlock's values are unique but in no order"));
    for guard in Guard::ALL.into_iter().filter(|guard| guard.needs_order()) {
        let other = Settings { others: vec![(S, guard)], resource: None, ..settings(Recipe::Redlock) };
        assert!(said(other).contains("are unique but in no order"), "{guard:?}");
    }
    for recipe in [Recipe::UniqueIndex, Recipe::SetNxExpire, Recipe::Redlock] {
        let asks = Settings { guard: Guard::AskService, ..settings(recipe) };
        assert!(said(asks).contains(&format!("which {recipe} has not")), "{recipe}");
    }
}
