//! State diffs: JSON merge patches (RFC 7386), and the treatment of null.
//!
//! In a merge patch null means "remove this member", so a patch cannot set a member *to* null.
//! Views are full of nulls (no vote yet, no leader known), so a trace does not distinguish a null
//! member from an absent one: a member that becomes null is sent as null, a reader removes it, and
//! a lookup treats absence as null. [`without_nulls`] is that equivalence. It stops at arrays,
//! which a patch replaces as a whole, so nulls inside an array are preserved.

use std::collections::BTreeSet;

use super::{Object, Value};

/// The patch that turns the view `old` into `new`, up to [`without_nulls`].
pub(super) fn diff(old: &Value, new: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return new.clone() };
    let mut patch = Object::new();
    for (key, after) in new {
        match (old.get(key).unwrap_or(&Value::Null), after) {
            (before, after) if before == after => {}
            (before @ Value::Object(_), Value::Object(_)) => {
                let inner = diff(before, after);
                if inner.as_object().is_some_and(|inner| !inner.is_empty()) {
                    patch.insert(key.clone(), inner);
                }
            }
            _ => {
                patch.insert(key.clone(), after.clone());
            }
        }
    }
    for (key, before) in old {
        if !before.is_null() && !new.contains_key(key) {
            patch.insert(key.clone(), Value::Null);
        }
    }
    Value::Object(patch)
}

/// Applies the diff of a `state` event to the node's current view: a JSON merge patch, RFC 7386.
///
/// The initial view is the `state` of the node's latest `boot`.
///
/// ```
/// use quorate_lab::trace::apply;
/// use serde_json::json;
///
/// let mut view = json!({"term": 1, "voted_for": "n2", "log": {"last": 4}}).into();
/// apply(&mut view, json!({"term": 2, "voted_for": null}).into());
/// assert_eq!(view, json!({"term": 2, "log": {"last": 4}}));
/// ```
pub fn apply(view: &mut Value, diff: Value) {
    let Value::Object(diff) = diff else {
        *view = diff;
        return;
    };
    if !view.is_object() {
        *view = Value::Object(Object::new());
    }
    let Value::Object(view) = view else { return };
    // Removed members go together: one by one, each would move all behind it.
    let mut removed = BTreeSet::new();
    for (key, change) in diff {
        match (view.get_mut(&key), change) {
            (None, Value::Null) => {}
            (Some(_), Value::Null) => {
                removed.insert(key);
            }
            (Some(before), change) => apply(before, change),
            (None, change) => {
                let mut new = Value::Null;
                apply(&mut new, change);
                view.insert(key, new);
            }
        }
    }
    if !removed.is_empty() {
        view.retain(|key, _| !removed.contains(key));
    }
}

/// Removes null members at any depth outside arrays: the canonical form for comparing two views.
///
/// ```
/// use quorate_lab::trace::without_nulls;
/// use serde_json::json;
///
/// let view = json!({"leader": null, "term": 3, "log": [null]}).into();
/// assert_eq!(without_nulls(view), json!({"term": 3, "log": [null]}));
/// ```
pub fn without_nulls(view: Value) -> Value {
    match view {
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key, without_nulls(value)))
                .collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_says_only_what_changed() {
        let old = json!({"term": 1, "vote": null, "log": {"last": 4, "commit": 3}, "peers": {"n2": 1}}).into();
        let new = json!({"term": 2, "vote": "n2", "log": {"last": 4, "commit": 4}, "peers": {"n2": 1}}).into();
        assert_eq!(diff(&old, &new), json!({"term": 2, "vote": "n2", "log": {"commit": 4}}));
        assert_eq!(diff(&new, &new), json!({}));
    }

    #[test]
    fn what_becomes_null_or_disappears_is_removed() {
        let old = json!({"a": 1, "b": 2, "c": null}).into();
        assert_eq!(diff(&old, &json!({"a": null}).into()), json!({"a": null, "b": null}));
        assert_eq!(diff(&json!({"a": null}).into(), &json!({"b": null}).into()), json!({}));
    }

    /// The test cases of RFC 7386, appendix A.
    #[test]
    fn applying_follows_the_rfc() {
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"a": "foo"}), json!("bar"), json!("bar")),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut view = target.clone().into();
            apply(&mut view, patch.clone().into());
            assert_eq!(view, result, "{patch} applied to {target}");
        }
    }

    /// Few keys and small values, so that two random views have members in common.
    fn view() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), (0..3).prop_map(Value::from)];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[abc]", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn folding_diffs_gives_every_view_up_to_nulls(views in prop::collection::vec(view(), 1..6)) {
            let mut folded = views[0].clone();
            for pair in views.windows(2) {
                apply(&mut folded, diff(&pair[0], &pair[1]));
                prop_assert_eq!(without_nulls(folded.clone()), without_nulls(pair[1].clone()));
            }
        }
    }
}
