//! Seals in messages: symbolic signatures, written in JSON as an object of `by`, the node whose key
//! made it, and `body`. A liar sends on what others have sealed, and seals with its own key alone.

use crate::trace::Value;

/// The node whose seal a forged message bears on something that the message did not bear it on
/// before, unless the sender's own key made it.
pub(super) fn not_own<'a>(before: &Value, after: &'a Value, sender: &str) -> Option<&'a str> {
    let (mut known, mut found) = (Vec::new(), Vec::new());
    collect(before, &mut known);
    collect(after, &mut found);
    let made = found.into_iter().filter(|seal| !known.contains(seal));
    made.filter_map(|seal| seal["by"].as_str()).find(|by| *by != sender)
}

/// All sealed bodies in a value, outer ones first.
fn collect<'a>(value: &'a Value, seals: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            let is_seal = members.len() == 2 && value["by"].as_str().is_some() && members.contains_key("body");
            seals.extend(is_seal.then_some(value));
            members.values().for_each(|member| collect(member, seals));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, seals)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forged(before: &str, after: &str) -> Option<String> {
        let value = |text: &str| text.parse::<Value>().expect("it is JSON");
        not_own(&value(before), &value(after), "A").map(str::to_owned)
    }

    #[test]
    fn a_liar_has_its_own_key_and_no_other() {
        let vote = r#"{"vote":{"by":"B","body":{"view":1,"of":"B"}},"late":false}"#;
        assert_eq!(forged(vote, vote), None);
        assert_eq!(forged(vote, &vote.replace("false", "true")), None, "what is not sealed");
        assert_eq!(forged(vote, &vote.replace("1", "2")).as_deref(), Some("B"));
        assert_eq!(forged(vote, &vote.replace(r#""by":"B""#, r#""by":"C""#)).as_deref(), Some("C"));
        let own = vote.replace(r#""by":"B""#, r#""by":"A""#);
        assert_eq!(forged(vote, &own), None);
        assert_eq!(forged(&own, &own.replace("1", "2")), None);
    }

    #[test]
    fn seals_within_seals_and_lists_are_found() {
        let inner = r#"{"by":"B","body":7}"#;
        let outer = |items: &str| format!(r#"{{"by":"A","body":{{"votes":[{items}]}}}}"#);
        assert_eq!(forged(&outer(inner), &outer("")), None, "less under the own seal");
        assert_eq!(forged(&outer(inner), &outer(&format!("{inner},{inner}"))), None, "twice what B has sealed");
        assert_eq!(forged(&outer(inner), &outer(r#"{"by":"B","body":8}"#)).as_deref(), Some("B"));
        assert_eq!(forged(r#"{"by":2,"body":3}"#, r#"{"by":2,"body":4}"#), None, "no node's seal");
    }
}
