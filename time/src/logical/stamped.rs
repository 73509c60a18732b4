//! A machine with a logical clock around it, whose messages carry stamps.

use quorate_protocol::{Clock, Context, Data, Disk, Disposition, Effect, Input, LocalTime, Machine, NodeId, Outbox};
use serde::{Deserialize, Serialize};

use super::LogicalClock;

/// Any machine `M`, with a logical clock `C` that counts its steps: each message carries the stamp
/// of the step that sent it.
///
/// The machine inside does what it does without the clock: it is asked with the same inputs, in
/// the same order, and cites the same rules. A step is one event, so all its messages have the same
/// stamp. The clock is on disk before anything of a step leaves, and goes on from there after a
/// crash: otherwise a restarted node would stamp anew what others have already heard of.
///
/// ```
/// use quorate_lab::sim::Setup;
/// use quorate_protocol::{Context, Duration, Input, Machine, Names, Never, NodeId, Outbox};
/// use quorate_time::logical::{LamportClock, Stamped};
/// # use serde::{Deserialize, Serialize};
///
/// quorate_protocol::rules! { enum Rally { Serve: "house rules §1", "node 1 begins"; Return: "house rules §2", "send it back"; } }
/// # #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
/// # enum Message { Ball }
///
/// #[derive(Clone, PartialEq, Eq, Hash, Debug)]
/// struct Player;
///
/// impl Machine for Player {
/// #   type Config = (); type Rulebook = (); type Message = Message; type Timer = Never; type Command = Never; type Reply = Never;
/// #   type Fact = Never; type Rule = Rally; type Record = Never; type Disk = (); type Clock = (); type View = ();
///     // …
///     fn boot(cx: &Context<Self>, _: &(), out: &mut Outbox<Self>) -> Self {
///         if cx.me == NodeId(0) { out.because(Rally::Serve).send(NodeId(1), Message::Ball); }
///         Player
///     }
///     fn step(&mut self, _: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
///         let Input::Deliver { from, message } = input;
///         out.because(Rally::Return).send(from, message);
///     }
///     fn view(&self, _: &Context<Self>) {}
/// }
///
/// let setup = Setup::<Stamped<Player, LamportClock>>::new("rally", Names::new(["ann", "bob"], [""; 0]), ());
/// let mut world = setup.start();
/// world.run_for(Duration::from_millis(100))?;
/// let [ann, bob] = [0, 1].map(|node| world.machine(NodeId(node)).expect("it runs").clock().0);
/// assert!(ann > 1 && ann.abs_diff(bob) == 1, "each return is one later than the one before: {ann}, {bob}");
/// # Ok::<(), quorate_lab::sim::RunError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Stamped<M, C> {
    machine: M,
    clock: C,
}

impl<M, C> Stamped<M, C> {
    /// The machine inside.
    pub fn machine(&self) -> &M {
        &self.machine
    }

    /// The stamp of its last step.
    pub fn clock(&self) -> &C {
        &self.clock
    }
}

/// A message with the stamp of the step that sent it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum StampedMessage<M, C> {
    /// The only kind.
    Stamped {
        /// Stamp of the step.
        stamp: C,
        /// The message.
        message: M,
    },
}

/// A durable write: of the clock, or of the machine inside.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum StampedRecord<R, C> {
    /// The stamp of the step of this write.
    Clock(C),
    /// A write of the machine inside.
    Machine(R),
}

/// State on disk: the last stamp, and the disk of the machine inside.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub struct StampedDisk<D, C> {
    /// The last stamp.
    pub clock: C,
    /// The disk of the machine inside.
    pub machine: D,
}

impl<D: Disk, C: LogicalClock> Disk for StampedDisk<D, C> {
    type Record = StampedRecord<D::Record, C>;

    fn apply(&mut self, record: &Self::Record) {
        match record {
            StampedRecord::Clock(clock) => self.clock = clock.clone(),
            StampedRecord::Machine(record) => self.machine.apply(record),
        }
    }

    fn compacted(&self) -> Option<Vec<Self::Record>> {
        let machine = self.machine.compacted()?.into_iter().map(StampedRecord::Machine);
        Some(std::iter::once(StampedRecord::Clock(self.clock.clone())).chain(machine).collect())
    }
}

/// State of a node, for display.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct StampedView<V, C> {
    /// The stamp of the last step.
    pub stamp: C,
    /// State of the machine inside.
    pub machine: V,
}

impl<M: Machine, C: LogicalClock> Stamped<M, C> {
    fn inside<'a>(cx: &Context<'a, Self>) -> Context<'a, M> {
        cx.narrow(cx.config, cx.rules, M::Clock::read(cx.now))
    }

    fn outbox(out: &Outbox<Self>) -> Outbox<M> {
        if out.explains() { Outbox::explaining() } else { Outbox::new() }
    }

    /// Passes on what the machine did, under the same rules, with the stamp of this step. The stamp
    /// is written first.
    fn hand_on(clock: &C, done: &Outbox<M>, out: &mut Outbox<Self>) {
        for (place, reason) in done.reasons().enumerate() {
            let mut because = out.because(reason.rule);
            because.why(format_args!("{}", reason.why));
            if place == 0 {
                because.persist(StampedRecord::Clock(clock.clone()));
            }
            for effect in reason.effects.iter().cloned() {
                match effect {
                    Effect::Send { to, message } => {
                        because.send(to, StampedMessage::Stamped { stamp: clock.clone(), message })
                    }
                    Effect::Persist(record) => because.persist(StampedRecord::Machine(record)),
                    Effect::Arm { timer, after } => because.arm(timer, after),
                    Effect::Disarm(timer) => because.disarm(timer),
                    Effect::Emit(fact) => because.emit(fact),
                    Effect::Reply { ticket, reply } => because.reply(ticket, reply),
                };
            }
        }
    }

    /// Counts the step, and takes the stamp off a message.
    fn counted(&mut self, me: NodeId, now: LocalTime, input: Input<Self>) -> Input<M> {
        match input {
            Input::Deliver { from, message: StampedMessage::Stamped { stamp, message } } => {
                self.clock.receive(me, &stamp, now.wall);
                Input::Deliver { from, message }
            }
            Input::Fire(timer) => {
                self.clock.tick(me, now.wall);
                Input::Fire(timer)
            }
            Input::Request { ticket, command } => {
                self.clock.tick(me, now.wall);
                Input::Request { ticket, command }
            }
        }
    }
}

impl<M: Machine, C: LogicalClock> Machine for Stamped<M, C>
where
    StampedMessage<M::Message, C>: Data,
    StampedRecord<M::Record, C>: Data,
{
    const FAMILY: &'static str = M::FAMILY;

    type Config = M::Config;
    type Rulebook = M::Rulebook;
    type Message = StampedMessage<M::Message, C>;
    type Timer = M::Timer;
    type Command = M::Command;
    type Reply = M::Reply;
    type Fact = M::Fact;
    type Rule = M::Rule;
    type Record = StampedRecord<M::Record, C>;
    type Disk = StampedDisk<M::Disk, C>;
    type Clock = LocalTime;
    type View = StampedView<M::View, C>;

    fn boot(cx: &Context<Self>, disk: &Self::Disk, out: &mut Outbox<Self>) -> Self {
        let mut done = Self::outbox(out);
        let machine = M::boot(&Self::inside(cx), &disk.machine, &mut done);
        let mut clock = disk.clock.clone();
        clock.tick(cx.me, cx.now.wall);
        Self::hand_on(&clock, &done, out);
        Stamped { machine, clock }
    }

    fn step(&mut self, cx: &Context<Self>, input: Input<Self>, out: &mut Outbox<Self>) {
        let input = self.counted(cx.me, cx.now, input);
        let mut done = Self::outbox(out);
        self.machine.step(&Self::inside(cx), input, &mut done);
        Self::hand_on(&self.clock, &done, out);
    }

    fn view(&self, cx: &Context<Self>) -> Self::View {
        StampedView { stamp: self.clock.clone(), machine: self.machine.view(&Self::inside(cx)) }
    }

    fn disposition(reply: &Self::Reply) -> Disposition {
        M::disposition(reply)
    }
}
