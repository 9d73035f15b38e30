//! The numbers of the house: what calls, legs, agents and the rest are known by.
//!
//! They stand here, on the ground floor, because `sip`, `acd` and `media` do not know one
//! another and yet speak of the same call through `exchange`.

use crate::number;

number!(
    /// A call within this exchange, from INVITE to its outcome (not the SIP `Call-ID`).
    CallNo,
    "call"
);
number!(
    /// One SIP side of a call: a dialog and a media stream.
    LegNo,
    "leg"
);
number!(
    /// An agent of the configuration. Kept across reloads.
    AgentNo,
    "agent"
);
number!(
    /// A queue of the configuration. Kept across reloads.
    QueueNo,
    "queue"
);
number!(
    /// A skill of the configuration. Kept across reloads.
    SkillNo,
    "skill"
);
number!(
    /// A phone of the configuration: registered, or at a fixed address. Kept across reloads.
    PhoneNo,
    "phone"
);
number!(
    /// A trunk of the configuration. Kept across reloads.
    TrunkNo,
    "trunk"
);
number!(
    /// A dialog of the SIP machine, from its INVITE on (RFC 3261 12).
    DialogNo,
    "dialog"
);
number!(
    /// A socket (UDP) or connection (TCP) that SIP messages come and go by.
    FlowNo,
    "flow"
);
number!(
    /// A menu of the configuration. Kept across reloads.
    MenuNo,
    "menu"
);
number!(
    /// A language that callers can be spoken to in, by its place in the configuration.
    LanguageNo,
    "language"
);
number!(
    /// A sound that the media room can play: music or a prompt, in every codec.
    SoundNo,
    "sound"
);
