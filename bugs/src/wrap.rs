//! Wrapper machines: a reference machine with modified behaviour around it.
//!
//! A bug that cannot be expressed by replacing a decision of the rulebook is a machine of its own.
//! It contains the reference, lets it handle every input, and alters the effects. Its rulebook is
//! that of the reference with the wrapper's own decision added, so that each node of a cluster can
//! have the bug or not; with the paper's answer the wrapper behaves exactly as the reference, byte
//! for byte.

use std::fmt;
use std::marker::PhantomData;

use quorate_protocol::{Because, Effect, Machine, Outbox, Variant};
use serde::de::value::EnumAccessDeserializer;
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, VariantAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// An outbox for the reference, explaining if and only if the wrapper's is.
pub(crate) fn outbox<W: Machine, R: Machine>(out: &Outbox<W>) -> Outbox<R> {
    if out.explains() { Outbox::explaining() } else { Outbox::new() }
}

/// Forwards the effects of the reference under the same rules and sentences, each effect through
/// `effect`.
pub(crate) fn hand_on<W: Variant>(
    done: &Outbox<W::Reference>,
    out: &mut Outbox<W>,
    mut effect: impl FnMut(W::Rule, Effect<W::Reference>, &mut Because<'_, W>),
) {
    for reason in done.reasons() {
        let mut because = out.because(reason.rule);
        because.why(format_args!("{}", reason.why));
        reason.effects.iter().for_each(|each| effect(reason.rule, each.clone(), &mut because));
    }
}

/// Converts an effect of the reference into the wrapper's, with messages through `message`.
pub(crate) fn effect<W: Variant>(
    effect: Effect<W::Reference>,
    because: &mut Because<'_, W>,
    message: impl FnOnce(<W::Reference as Machine>::Message) -> W::Message,
) {
    match effect {
        Effect::Send { to, message: said } => because.send(to, message(said)),
        Effect::Persist(record) => because.persist(record),
        Effect::Arm { timer, after } => because.arm(timer, after),
        Effect::Disarm(timer) => because.disarm(timer),
        Effect::Emit(fact) => because.emit(fact),
        Effect::Reply { ticket, reply } => because.reply(ticket, reply),
    };
}

/// A message of the reference, or one of the wrapper's own.
pub(crate) enum Either<R, O> {
    Reference(R),
    Own(O),
}

/// Deserialises a message by the name of its variant. `names` are all variants, `own` those of the
/// wrapper alone.
///
/// An untagged enum would read the same input, but would not report the names of its variants,
/// which scenarios need.
pub(crate) fn read<'de, R: Deserialize<'de>, O: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
    names: &'static [&'static str],
    own: &'static [&'static str],
) -> Result<Either<R, O>, D::Error> {
    deserializer.deserialize_enum("Message", names, ByName { own, kinds: PhantomData })
}

struct ByName<R, O> {
    own: &'static [&'static str],
    kinds: PhantomData<(R, O)>,
}

impl<'de, R: Deserialize<'de>, O: Deserialize<'de>> Visitor<'de> for ByName<R, O> {
    type Value = Either<R, O>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a message")
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Self::Value, A::Error> {
        let (name, content) = data.variant::<String>()?;
        let is_own = self.own.contains(&&*name);
        let named = EnumAccessDeserializer::new(Named { name, content });
        if is_own { O::deserialize(named).map(Either::Own) } else { R::deserialize(named).map(Either::Reference) }
    }
}

/// Access to a variant whose name has already been read.
struct Named<V> {
    name: String,
    content: V,
}

impl<'de, V: VariantAccess<'de>> EnumAccess<'de> for Named<V> {
    type Error = V::Error;
    type Variant = V;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, V), V::Error> {
        Ok((seed.deserialize(self.name.into_deserializer())?, self.content))
    }
}

/// Declares the associated types that a wrapper shares with its reference.
macro_rules! as_reference {
    ($reference:ty) => {
        const FAMILY: &'static str = <$reference as quorate_protocol::Machine>::FAMILY;

        type Config = <$reference as quorate_protocol::Machine>::Config;
        type Timer = <$reference as quorate_protocol::Machine>::Timer;
        type Command = <$reference as quorate_protocol::Machine>::Command;
        type Reply = <$reference as quorate_protocol::Machine>::Reply;
        type Fact = <$reference as quorate_protocol::Machine>::Fact;
        type Rule = <$reference as quorate_protocol::Machine>::Rule;
        type Record = <$reference as quorate_protocol::Machine>::Record;
        type Disk = <$reference as quorate_protocol::Machine>::Disk;
        type Clock = <$reference as quorate_protocol::Machine>::Clock;
        type View = <$reference as quorate_protocol::Machine>::View;
    };
}
pub(crate) use as_reference;

#[cfg(test)]
pub(crate) mod tests {
    use std::fmt::Debug;

    use serde::Serialize;
    use serde::de::DeserializeOwned;

    /// The variant names of an enum, taken from serde's error about an unknown variant.
    pub(crate) fn names<M: DeserializeOwned + Debug>() -> Vec<String> {
        let error = serde_json::from_str::<M>(r#"{"Nonsense":{}}"#).unwrap_err().to_string();
        error.split('`').skip(3).step_by(2).map(str::to_owned).collect()
    }

    /// Asserts that the JSON is as expected and reads back as the same message.
    pub(crate) fn reads<M: Serialize + DeserializeOwned + PartialEq + Debug>(message: &M, json: &str) {
        assert_eq!(serde_json::to_string(message).unwrap(), json);
        assert_eq!(serde_json::from_str::<M>(json).unwrap(), *message);
    }
}
