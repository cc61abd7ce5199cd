/// What a name is the name of.
///
/// The order is that of precedence: a text that is the name of several things gets the pseudonym of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// A word that the user asked to replace.
    Also,
    /// A virtual machine.
    Vm,
    /// A host, or any other computer.
    Host,
    /// A key provider.
    Provider,
    /// A datastore.
    Datastore,
    /// A key.
    Key,
    /// An account, without its domain.
    User,
    /// A domain, of DNS or of Windows.
    Domain,
    /// A cluster, datacenter, folder or pool of the inventory.
    Group,
    /// A network, port group or switch.
    Network,
    /// A serial number, asset tag, or name of a target.
    Serial,
    /// Number of a ticket.
    Ticket,
    /// A note on a VM, or another text that a person wrote.
    Note,
    /// A file or folder.
    File,
}

impl Class {
    /// Every class.
    pub const ALL: &'static [Self] = &[
        Self::Also,
        Self::Vm,
        Self::Host,
        Self::Provider,
        Self::Datastore,
        Self::Key,
        Self::User,
        Self::Domain,
        Self::Group,
        Self::Network,
        Self::Serial,
        Self::Ticket,
        Self::Note,
        Self::File,
    ];

    /// What pseudonyms of the class begin with; the map calls the class so.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Also => "word",
            Self::Vm => "vm",
            Self::Host => "host",
            Self::Provider => "provider",
            Self::Datastore => "ds",
            Self::Key => "key",
            Self::User => "user",
            Self::Domain => "dom",
            Self::Group => "group",
            Self::Network => "net",
            Self::Serial => "serial",
            Self::Ticket => "ticket",
            Self::Note => "note",
            Self::File => "file",
        }
    }

    /// Whether a name of it that cannot be replaced everywhere has to be told.
    pub(crate) const fn is_strong(self) -> bool {
        matches!(self, Self::Also | Self::Vm | Self::Host | Self::Provider | Self::Datastore | Self::Key)
    }
}
