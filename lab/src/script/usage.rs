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
    "cluster PROTOCOL [nodes=3 | ROLE=A,B …] [clients=c1,c2 patience=1s attempts=10] [seed=7] [latency=1ms] [loss=0%] [duplicate=0%] [pace=1ms] [OPTION=…]":
        "sets the nodes up and boots them; comes first, and once";
    "disk NODE …": "what a node's disk holds when the story begins; before anything else happens";
    "rules NODE ID": "from now on a node goes by that rulebook, or by the papers' again: by-the-book; the others go on by theirs";
    "run [SPAN]": "lets time pass: that long, or until no message is on its way";
    "step [COUNT]": "does what is due next: one arrival, one timer, …; or so many of them";
    "until CLAIM… [within=60s]": "lets time pass until that is so";
    "fire NODE TIMER": "makes an armed timer run out now";
    "hold FROM TO [MESSAGE] [count=N]": "from now on such messages wait; * stands for any node";
    "release [FROM [TO [MESSAGE]]]": "lets such held messages arrive, and holds no more of them";
    "deliver FROM TO [MESSAGE] [FIELD=VALUE …] [nth=N] [copy]":
        "lets the oldest such held message arrive now, or the N-th, or a copy of it while it waits on";
    "drop FROM TO [MESSAGE] [count=N]": "from now on such messages are lost, or the next N of them";
    "delay FROM TO SPAN [MESSAGE] [count=N]": "from now on such messages take that long";
    "duplicate FROM TO [MESSAGE] [after=1ms] [count=N]": "from now on such messages arrive twice";
    "pass [FROM [TO [MESSAGE]]]": "ends such drops, delays and duplications";
    "cut FROM TO": "cuts the way from one node to another, but not back";
    "join FROM TO": "restores that way";
    "partition A,X B,Y,Z": "lets only nodes of one group reach each other";
    "heal": "restores every way between nodes";
    "network [latency=1ms..5ms] [loss=5%] [duplicate=1%] [straggling=1%] [straggle=50ms]":
        "changes what chance does to messages from now on";
    "crash NODE [before-persist [kept=N] | after-persist | after-sends=N]":
        "takes a node down: now, or in the middle of its next step that writes or sends";
    "restart NODE": "starts a node that is down, from its disk";
    "wipe NODE": "takes a node down and empties its disk";
    "pause NODE": "stops a node that does not know it";
    "resume NODE": "lets a paused node go on";
    "drift NODE 200ppm": "lets a node's clocks gain, or lose if negative";
    "jump NODE 5s": "sets a node's wall clock forwards, or backwards if negative";
    "again [rules=ID]":
        "plays the story so far once more, by the book, or under that rulebook; what cannot be done there is left out";
    "note TEXT": "puts a line of narration into the trace";
    "print log|off [why=on|off] [width=100]": "chooses what a block prints: what happened in it, or nothing";
    "show log|lanes [why=on|off] [width=100]": "prints the whole run so far";
    "show state [NODE]": "prints what a node, or every node, has in mind";
    "show facts": "prints what has become true so far";
    "expect CLAIM…": "fails unless that is so";
};

/// The assertions that every protocol has, for `expect` and `until`. Further options compare a
/// field of the body: `value=8`.
pub const ASSERTIONS: &[Usage] = usages! {
    "rule=NAME [node=X] [count=N]": "the rule was cited, at least once or exactly so often";
    "fact=NAME [FIELD=VALUE …] [node=X] [count=N]": "the fact became true";
    "sent=MESSAGE [FIELD=VALUE …] [from=A] [to=X] [count=N]": "the message was sent";
    "delivered=MESSAGE [FIELD=VALUE …] [from=A] [to=X] [count=N]": "the message arrived";
    "lost=MESSAGE [FIELD=VALUE …] [from=A] [to=X] [count=N]": "the message was lost";
    "persisted=RECORD [FIELD=VALUE …] [node=X] [count=N]": "the record became durable";
    "fired=TIMER [node=X] [count=N]": "the timer ran out";
    "reply=NAME [FIELD=VALUE …] [node=X] [client=c1] [count=N]": "a node answered a client so";
    "up=NODE": "the node runs";
    "down=NODE": "the node has crashed";
    "state=NODE PATH=VALUE …": "the node's view shows that value there";
    "held=N": "so many messages are held";
    "violation=INVARIANT": "the invariant broke, and that is what the story tells";
};

/// The usage of the command of that name.
pub(super) fn usage_of(name: &str) -> Option<&'static Usage> {
    COMMANDS.iter().find(|usage| usage.name() == name)
}
