//! Tests of JSON values: order, equality, and agreement with `serde_json`.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;

use super::*;

fn value(text: &str) -> Value {
    text.parse().expect("it is JSON")
}

#[derive(Serialize)]
enum Shape {
    Unit,
    Newtype(Option<u8>),
    Tuple(i64, char),
    Struct { zebra: f64, ant: bool },
}

#[derive(Serialize)]
struct Everything {
    word: &'static str,
    shapes: Vec<Shape>,
    by_number: BTreeMap<u32, Option<()>>,
    bytes: (u8, f32, i128),
    nothing: (),
}

fn everything() -> Everything {
    Everything {
        word: "\u{7}\"",
        shapes: vec![
            Shape::Unit,
            Shape::Newtype(Some(3)),
            Shape::Newtype(None),
            Shape::Tuple(i64::MIN, 'ß'),
            Shape::Struct { zebra: f64::NAN, ant: true },
        ],
        by_number: BTreeMap::from([(7, Some(())), (3, None)]),
        bytes: (255, 0.5, 1 << 40),
        nothing: (),
    }
}

#[test]
fn fields_are_in_the_order_of_their_type() {
    let converted = to_value(&everything()).unwrap();
    assert_eq!(converted.to_string(), serde_json::to_string(&everything()).unwrap());
    assert_eq!(converted, serde_json::to_value(everything()).unwrap());
}

#[test]
fn order_is_kept_and_does_not_matter_for_equality() {
    let (one, other) = (r#"{"b":[1,{"d":null,"c":-2.5}],"a":"x"}"#, r#"{"a":"x","b":[1,{"c":-2.5,"d":null}]}"#);
    assert_eq!((value(one).to_string(), value(other).to_string()), (one.to_owned(), other.to_owned()));
    assert_eq!(value(one), value(other));
    assert_ne!(value(one), value(r#"{"a":"x"}"#));
    assert_ne!(value(r#"{"a":null}"#), value(r#"{"b":null}"#));
}

#[test]
fn a_key_that_stands_twice_is_refused_by_name() {
    for text in [r#"{"a":1,"b":2,"a":3}"#, r#"[{"x":{"a":1,"a":1}}]"#] {
        let error = text.parse::<Value>().unwrap_err().to_string();
        assert!(error.starts_with("the key \"a\" stands twice in an object"), "{error}");
    }
    let error = format!(r#"{{"{0}":1,"{0}":1}}"#, "long".repeat(1000)).parse::<Value>().unwrap_err().to_string();
    assert!(error.len() < 120, "{error}");
}

#[test]
fn a_large_object_is_as_fast_as_a_small_one_for_each_member() {
    let count = 200_000;
    let text = |at: usize| format!("\"{}\":{at}", at * 7_919 % count);
    let members: Vec<_> = (0..count).map(text).collect();
    let Value::Object(mut object) = value(&format!("{{{}}}", members.join(","))) else { panic!("it is an object") };
    assert_eq!((object.len(), object.get("7919")), (count, Some(&Value::from(1))));
    object.retain(|_, value| value.as_u64() != Some(1));
    assert_eq!((object.len(), object.get("7919")), (count - 1, None));
    assert_eq!(object.get("0"), Some(&Value::from(0)));
}

/// Operation on an object and, as the reference, on a list of pairs.
#[derive(Clone, Debug)]
enum Change {
    Insert(u8, u8),
    Remove(u8),
    Retain(u8),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0..40_u8, any::<u8>()).prop_map(|(key, value)| Change::Insert(key, value)),
        1 => (0..40_u8).prop_map(Change::Remove),
        1 => (1..9_u8).prop_map(Change::Retain),
    ]
}

proptest! {
    #[test]
    fn an_object_is_a_list_of_pairs(changes in prop::collection::vec(change(), 0..80)) {
        let (mut object, mut pairs) = (Object::new(), Vec::<(String, u8)>::new());
        for change in changes {
            match change {
                Change::Insert(key, value) => {
                    object.insert(key.to_string(), Value::from(value));
                    match pairs.iter_mut().find(|(other, _)| *other == key.to_string()) {
                        Some((_, old)) => *old = value,
                        None => pairs.push((key.to_string(), value)),
                    }
                }
                Change::Remove(key) => {
                    object.remove(&key.to_string());
                    pairs.retain(|(other, _)| *other != key.to_string());
                }
                Change::Retain(modulus) => {
                    object.retain(|_, value| value.as_u64().is_some_and(|value| value % u64::from(modulus) != 0));
                    pairs.retain(|(_, value)| value % modulus != 0);
                }
            }
            prop_assert!(pairs.iter().all(|(key, value)| object.get(key) == Some(&Value::from(*value))));
        }
        let members: Vec<_> = object.into_iter().collect();
        let pairs: Vec<_> = pairs.into_iter().map(|(key, value)| (key, Value::from(value))).collect();
        prop_assert_eq!(members, pairs);
    }
}
