//! Reference of the language: every command with its form and its meaning, also cited by errors.

/// Usage of a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Usage {
    /// Its form, e.g. `hold FROM TO [MESSAGE]`. Capital letters are placeholders, brackets mark
    /// optional parts.
    pub form: &'static str,
    /// Its effect, in one line.
    pub says: &'static str,
}

impl Usage {
    /// The command's name: the first word of its form.
    pub fn name(&self) -> &'static str {
        self.form.split([' ', '=']).next().unwrap_or_default()
    }
}

macro_rules! usages {
    ($($form:literal: $says:literal;)+) => { &[$(Usage { form: $form, says: $says }),+] };
}

/// The commands that every protocol has.
pub const COMMANDS: &[Usage] = usages! {
    "cluster PROTOCOL [nodes=3 | ROLE=A,B …] [clients=c1,c2 patience=1s attempts=10] [seed=7] [date=2026-03-01] [latency=1ms] [loss=0%] [duplicate=0%] [pace=1ms] [OPTION=…]":
        "sets up and boots the nodes; must be the first command, and occur only once";
    "disk NODE …": "sets the initial contents of a node's disk; must come directly after the cluster line";
    "rules NODE|* ID":
        "from now on the node, or every node, uses this rulebook; by-the-book is the correct one; other nodes keep theirs";
    "run [SPAN]": "lets time pass: for this duration, or until no message is in flight";
    "step [COUNT]": "executes the next due event, such as a delivery or a timer; or the next COUNT events";
    "until ASSERTION… [within=60s]": "lets time pass until the assertion holds";
    "fire NODE TIMER": "fires an armed timer now";
    "hold FROM TO [MESSAGE] [count=N]": "from now on holds matching messages back; FROM and TO are nodes, a node and a client, or * for any node";
    "release [FROM [TO [MESSAGE]]]": "delivers matching held messages, and stops holding them";
    "deliver FROM TO [MESSAGE] [FIELD=VALUE …] [nth=N] [copy]":
        "delivers the oldest matching held message now, or the N-th; with copy, a copy of it while the original stays held";
    "drop FROM TO [MESSAGE] [count=N]": "from now on drops matching messages, or only the next N of them";
    "delay FROM TO SPAN [MESSAGE] [count=N]": "from now on delays matching messages by this duration";
    "duplicate FROM TO [MESSAGE] [after=1ms] [count=N]": "from now on duplicates matching messages";
    "forge FROM TO MESSAGE [as=NAME] [FIELD=VALUE …] [count=N]":
        "the sender lies in the next matching message, or in the next N of them: it says other values there, or is another message; a field within a field is FIELD.FIELD, an item of a list FIELD.0";
    "inflight deliver|drop|hold FROM TO [MESSAGE] [FIELD=VALUE …] [nth=N]":
        "delivers, drops or holds one message that is under way: the oldest matching one, or the N-th";
    "inflight delay|duplicate FROM TO [MESSAGE] [FIELD=VALUE …] [nth=N] [later=1ms]":
        "delays one message that is under way by this duration, or sends a copy of it that much later";
    "inflight forge FROM TO [MESSAGE] [as=NAME] [FIELD=VALUE …] [nth=N]":
        "makes a lie of one message that is under way; its fields say what it says from now on, and do not select it";
    "pass [FROM [TO [MESSAGE]]]": "removes the drop, delay, duplicate and forge rules for matching messages";
    "cut FROM TO": "cuts the link from one node to another, but not the reverse link";
    "join FROM TO": "restores that link";
    "partition A,X B,Y,Z": "partitions the network: only nodes of the same group reach each other";
    "heal": "restores all links between nodes";
    "network [latency=1ms..5ms] [loss=5%] [duplicate=1%] [straggling=1%] [straggle=50ms]":
        "sets the random latency, loss, duplication and extra delay of messages from now on";
    "link [FROM TO | to=NODE] each=2ms [queue=4] | link [FROM TO | to=NODE] off":
        "from now on a message occupies the link for that time, and the latency comes on top; others wait in the order of sending, at most 4 of them, and more are lost. With to=, all messages to a node share one queue, as at the port of a switch; of several queues the most specific one counts; off removes it, and without nodes all of them";
    "service NODE 5ms [queue=4]":
        "from now on a node works for that time on each message or request, and handles it then; others wait in its inbox, at most 4 of them, and more are lost; a timer that expires meanwhile fires in its turn; 0ms ends it";
    "crash NODE [before-persist [kept=N] | after-persist | after-sends=N]":
        "crashes a node: now, or in the middle of its next step that writes or sends";
    "restart NODE": "restarts a crashed node from its disk";
    "wipe NODE": "crashes a node and erases its disk";
    "backup NODE": "copies a node's disk; a later copy replaces it";
    "restore NODE": "crashes a node and puts its disk back to the last backup; restart boots it from there";
    "pause NODE": "pauses a node's process, as garbage collection or SIGSTOP does: its clocks go on, and it does not notice";
    "suspend NODE": "suspends a node's machine, as a laptop's lid or a live migration does: a pause in which its monotonic clock stands still; its wall clock is right again after resume";
    "resume NODE": "resumes a paused or suspended node";
    "drift NODE 200ppm": "makes a node's clocks run fast, or slow if negative";
    "jump NODE 5s": "sets a node's wall clock forward, or back if negative";
    "clock NODE set 12:00:42.004 | clock NODE jump 5s":
        "sets a node's wall clock to a time of its day, which may also be written as a time since midnight, 42.004s; or moves it, as jump does";
    "continue [INVARIANT …]":
        "goes on after the violation that an expect line names: from here on its invariant and those named here are not checked";
    "again [rules=ID]":
        "repeats the run so far with the correct rulebook, or with this one; commands that are impossible there are skipped";
    "note TEXT": "adds a line of text to the trace";
    "print log|off [why=on|off] [width=100]": "sets what each block prints: its events, or nothing";
    "show log|lanes [why=on|off] [width=100]": "prints the trace of the whole run so far";
    "show state [NODE]": "prints the state of a node, or of all nodes";
    "show facts": "prints the facts emitted so far";
    "expect ASSERTION…": "fails unless the assertion holds";
};

/// The assertions that every protocol has, for `expect` and `until`. Further options compare a
/// field of the body: `value=8`.
pub const ASSERTIONS: &[Usage] = usages! {
    "rule=NAME [node=X] [count=N]": "the rule was cited at least once, or exactly N times";
    "fact=NAME [FIELD=VALUE …] [node=X] [count=N]": "the fact was emitted";
    "sent=MESSAGE [FIELD=VALUE …] [from=A] [to=X] [count=N]": "the message was sent";
    "delivered=MESSAGE [FIELD=VALUE …] [from=A] [to=X] [count=N]": "the message was delivered";
    "lost=MESSAGE [FIELD=VALUE …] [from=A] [to=X] [count=N]": "the message was lost";
    "persisted=RECORD [FIELD=VALUE …] [node=X] [count=N]": "the record became durable";
    "fired=TIMER [node=X] [count=N]": "the timer fired";
    "reply=NAME [FIELD=VALUE …] [node=X] [client=c1] [count=N]": "a node replied to a client";
    "up=NODE": "the node is up";
    "down=NODE": "the node is down";
    "state=NODE PATH=VALUE …": "the node's state has this value at this path";
    "held=N": "exactly this number of messages is held";
    "violation=INVARIANT": "the invariant is broken, as the scenario is meant to show";
};

/// The usage of the command of that name.
pub(super) fn usage_of(name: &str) -> Option<&'static Usage> {
    COMMANDS.iter().find(|usage| usage.name() == name)
}
