//! Which release a build number is.
//!
//! Reference data, not knowledge that a pack may replace: a table in code is checked when it is compiled, costs
//! nothing to load, and cannot be broken at run time. A build that is not in it stays unknown: numbers between two
//! releases are hot patches and pre-releases, so nothing is guessed from the neighbours.

#![expect(clippy::unreadable_literal, reason = "build numbers are searched for as the logs print them")]

/// The release of a build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// Product and release, such as `ESXi 8.0 U2`.
    pub name: String,
    /// Where it is public.
    pub source: &'static str,
    /// Whether nobody checked it against a public page.
    pub from_memory: bool,
}

/// Where a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basis {
    PacketTable,
    VersionScript,
    IbmCloud,
    HyperFlex,
    Kb395110,
    LabNotes,
    Encyclopaedia,
    Info2soft,
    Virten,
    FromMemory,
}

impl Basis {
    const fn source(self) -> &'static str {
        match self {
            Self::PacketTable => "the build table of Wireshark (packet-vmware-hb.c)",
            Self::VersionScript => "get-vcenter-version.ps1, after KB 326316",
            Self::IbmCloud => "IBM Cloud, bill of materials of VCF",
            Self::HyperFlex => "a HyperFlex upgrade runbook",
            Self::Kb395110 => "KB 395110",
            Self::LabNotes => "public lab notes",
            Self::Encyclopaedia => "an encyclopaedia that cites KB 316595",
            Self::Info2soft => "a guide of info2soft",
            Self::Virten => "virten.net",
            Self::FromMemory => "from memory, not checked",
        }
    }
}

type Row = (u64, &'static str, Basis);

/// The release of a build, for the products that a log's header names.
///
/// Numbers of different products have nothing to do with each other: a build of Workstation is not looked up.
pub(crate) fn release(product: &str, build: &str) -> Option<Release> {
    let (rows, name) = match product {
        "VMware ESX" | "VMware ESXi" => (ESXI, "ESXi"),
        "VMware VirtualCenter" | "VMware vCenter Server" => (VCENTER, "vCenter Server"),
        _ => return None,
    };
    let build: u64 = build.parse().ok()?;
    let at = rows.binary_search_by_key(&build, |row| row.0).ok()?;
    rows.get(at).map(|(_, release, basis)| Release {
        name: format!("{name} {release}"),
        source: basis.source(),
        from_memory: *basis == Basis::FromMemory,
    })
}

/// ESXi, by build number.
const ESXI: &[Row] = &[
    (4564106, "6.5 GA", Basis::PacketTable),
    (4887370, "6.5a", Basis::PacketTable),
    (5146843, "6.5 Patch 1 (security patches only)", Basis::PacketTable),
    (5146846, "6.5 Patch 1", Basis::PacketTable),
    (5224529, "6.5 EP 1a", Basis::PacketTable),
    (5310538, "6.5d", Basis::PacketTable),
    (5969300, "6.5 U1 (security patches only)", Basis::PacketTable),
    (5969303, "6.5 U1", Basis::PacketTable),
    (6765664, "6.5 EP4", Basis::PacketTable),
    (7273056, "6.5 Patch 2 (security patches only)", Basis::PacketTable),
    (7388607, "6.5 Patch 2", Basis::PacketTable),
    (7526125, "6.5 U1e (recalled)", Basis::PacketTable),
    (7967591, "6.5 U1g", Basis::PacketTable),
    (8169922, "6.7 GA", Basis::PacketTable),
    (8285314, "6.5 U2 (security patches only)", Basis::PacketTable),
    (8294253, "6.5 U2", Basis::PacketTable),
    (8935087, "6.5 U2b", Basis::PacketTable),
    (8941472, "6.7 EP2", Basis::PacketTable),
    (9214924, "6.7 EP2a", Basis::PacketTable),
    (9298722, "6.5 U2c", Basis::PacketTable),
    (9484548, "6.7 EP3", Basis::PacketTable),
    (10175896, "6.5 EP9", Basis::PacketTable),
    (10176752, "6.7 EP4", Basis::PacketTable),
    (10176879, "6.7 U1 (security patches only)", Basis::PacketTable),
    (10302608, "6.7 U1", Basis::PacketTable),
    (10390116, "6.5 EP10", Basis::PacketTable),
    (10719125, "6.5 EP11", Basis::PacketTable),
    (10764712, "6.7 EP5", Basis::PacketTable),
    (10868328, "6.5 Patch 3 (security patches only)", Basis::PacketTable),
    (10884925, "6.5 Patch 3", Basis::PacketTable),
    (11675023, "6.7 EP6", Basis::PacketTable),
    (11925212, "6.5 EP12", Basis::PacketTable),
    (12986307, "6.7 U2 (security patches only)", Basis::PacketTable),
    (13004031, "6.5 EP13", Basis::PacketTable),
    (13004448, "6.7 EP7", Basis::PacketTable),
    (13006603, "6.7 U2", Basis::PacketTable),
    (13473784, "6.7 EP8", Basis::PacketTable),
    (13635690, "6.5 EP14", Basis::PacketTable),
    (13644319, "6.7 EP9", Basis::PacketTable),
    (13873656, "6.5 U3 (security patches only)", Basis::PacketTable),
    (13932383, "6.5 U3", Basis::PacketTable),
    (13981272, "6.7 EP10", Basis::PacketTable),
    (14141615, "6.7 U3 (security patches only)", Basis::PacketTable),
    (14320388, "6.7 U3", Basis::PacketTable),
    (14320405, "6.5 EP15", Basis::PacketTable),
    (14874964, "6.5 EP16", Basis::PacketTable),
    (14990892, "6.5 EP17", Basis::PacketTable),
    (15018017, "6.7 EP13", Basis::PacketTable),
    (15160138, "6.7 Patch 1", Basis::PacketTable),
    (15177306, "6.5 EP18", Basis::PacketTable),
    (15256549, "6.5 Patch 4", Basis::PacketTable),
    (15820472, "6.7 EP14", Basis::PacketTable),
    (15843807, "7.0 GA", Basis::PacketTable),
    (15999342, "6.7 Patch 2 (security patches only)", Basis::PacketTable),
    (16075168, "6.7 Patch 2", Basis::PacketTable),
    (16207673, "6.5 EP19", Basis::PacketTable),
    (16316930, "6.7 EP15", Basis::PacketTable),
    (16321839, "7.0b (security patches only)", Basis::PacketTable),
    (16324942, "7.0b", Basis::PacketTable),
    (16389870, "6.5 EP20", Basis::PacketTable),
    (16576879, "6.5 Patch 5 (security patches only)", Basis::PacketTable),
    (16576891, "6.5 Patch 5", Basis::PacketTable),
    (16701467, "6.7 Patch 3 (security patches only)", Basis::PacketTable),
    (16713306, "6.7 Patch 3", Basis::PacketTable),
    (16773714, "6.7 EP16", Basis::PacketTable),
    (16850804, "7.0 U1", Basis::PacketTable),
    (16901156, "6.5 EP21", Basis::PacketTable),
    (17097218, "6.5 EP22", Basis::PacketTable),
    (17098360, "6.7 EP17", Basis::PacketTable),
    (17119627, "7.0 U1a", Basis::PacketTable),
    (17167537, "6.5 EP23", Basis::PacketTable),
    (17167699, "6.7 Patch 4 (security patches only)", Basis::PacketTable),
    (17167734, "6.7 Patch 4", Basis::PacketTable),
    (17168206, "7.0 U1b", Basis::PacketTable),
    (17325020, "7.0 U1c (security patches only)", Basis::PacketTable),
    (17325551, "7.0 U1c", Basis::PacketTable),
    (17459147, "6.5 Patch 6 (security patches only)", Basis::PacketTable),
    (17477841, "6.5 Patch 6", Basis::PacketTable),
    (17499825, "6.7 EP18", Basis::PacketTable),
    (17551050, "7.0 U1d", Basis::PacketTable),
    (17630552, "7.0 U2", Basis::PacketTable),
    (17700514, "6.7 Patch 5 (security patches only)", Basis::PacketTable),
    (17700523, "6.7 Patch 5", Basis::PacketTable),
    (17867351, "7.0 U2a", Basis::PacketTable),
    (18071574, "6.5 EP24", Basis::PacketTable),
    (18295176, "7.0 U2c (security patches only)", Basis::PacketTable),
    (18426014, "7.0 U2c", Basis::PacketTable),
    (18538813, "7.0 U2d", Basis::PacketTable),
    (18644231, "7.0 U3", Basis::PacketTable),
    (18677441, "6.5 Patch 7 (security patches only)", Basis::PacketTable),
    (18678235, "6.5 Patch 7", Basis::PacketTable),
    (18812553, "6.7 Patch 6 (security patches only)", Basis::PacketTable),
    (18825058, "7.0 U3a", Basis::PacketTable),
    (18828794, "6.7 Patch 6", Basis::PacketTable),
    (18905247, "7.0 U3b", Basis::PacketTable),
    (19092475, "6.5 February 2022", Basis::PacketTable),
    (19193900, "7.0 U3c", Basis::PacketTable),
    (19195723, "6.7 EP23", Basis::PacketTable),
    (19290878, "7.0 U2e", Basis::PacketTable),
    (19324898, "7.0 U1e", Basis::PacketTable),
    (19482531, "7.0 U3d (security patches only)", Basis::PacketTable),
    (19482537, "7.0 U3d", Basis::PacketTable),
    (19581852, "6.5 May 2022 (security patches only)", Basis::PacketTable),
    (19588618, "6.5 May 2022", Basis::PacketTable),
    (19898894, "6.7 June 2022 (security patches only)", Basis::PacketTable),
    (19898904, "7.0 U3e", Basis::PacketTable),
    (19898906, "6.7 June 2022", Basis::PacketTable),
    (19997716, "6.5 July 2022", Basis::PacketTable),
    (19997733, "6.7 July 2022", Basis::PacketTable),
    (20036586, "7.0 U3f (security patches only)", Basis::PacketTable),
    (20036589, "7.0 U3f", Basis::PacketTable),
    (20328353, "7.0 U3g", Basis::PacketTable),
    (20448942, "6.5 October 2022 (security patches only)", Basis::PacketTable),
    (20491463, "6.7 October 2022 (security patches only)", Basis::PacketTable),
    (20497097, "6.7 October 2022", Basis::PacketTable),
    (20502893, "6.5 October 2022", Basis::PacketTable),
    (20513097, "8.0 GA", Basis::PacketTable),
    (20841705, "7.0 U3i (security patches only)", Basis::PacketTable),
    (20842708, "7.0 U3i", Basis::PacketTable),
    (20842819, "8.0a", Basis::PacketTable),
    (21053776, "7.0 U3j", Basis::PacketTable),
    (21203431, "8.0b (security patches only)", Basis::PacketTable),
    (21203435, "8.0b", Basis::PacketTable),
    (21313628, "7.0 U3k", Basis::PacketTable),
    (21422485, "7.0 U3l (security patches only)", Basis::PacketTable),
    (21424296, "7.0 U3l", Basis::PacketTable),
    (21493926, "8.0c", Basis::PacketTable),
    (21495797, "8.0 U1", Basis::PacketTable),
    (21686933, "7.0 U3m", Basis::PacketTable),
    (21813344, "8.0 U1a", Basis::PacketTable),
    (21930508, "7.0 U3n", Basis::PacketTable),
    (22082334, "8.0 U1c (security patches only)", Basis::PacketTable),
    (22088125, "8.0 U1c", Basis::PacketTable),
    (22348808, "7.0 U3o (security patches only)", Basis::PacketTable),
    (22348816, "7.0 U3o", Basis::PacketTable),
    (22380479, "8.0 U2", Basis::PacketTable),
    (23299997, "8.0 U1d", Basis::PacketTable),
    (23305545, "8.0 U2b (security patches only)", Basis::PacketTable),
    (23305546, "8.0 U2b", Basis::PacketTable),
    (23307199, "7.0 U3p", Basis::PacketTable),
    (23465881, "8.0 U2b Hot Patch 1", Basis::Kb395110),
    (23794019, "7.0 U3q (security patches only)", Basis::PacketTable),
    (23794027, "7.0 U3q", Basis::PacketTable),
    (23825572, "8.0 U2c", Basis::PacketTable),
    (24022510, "8.0 U3", Basis::FromMemory),
    (24280767, "8.0 U3b", Basis::FromMemory),
    (24414501, "8.0 U3c", Basis::FromMemory),
    (24585291, "7.0 U3s", Basis::IbmCloud),
    (24585383, "8.0 U3d", Basis::IbmCloud),
    (24659227, "8.0.3-0.65 hot patch", Basis::LabNotes),
    (24674464, "8.0 U3e", Basis::PacketTable),
    (24677879, "8.0 U3e free edition ISO", Basis::LabNotes),
    (24723872, "7.0.3, a later patch of 7.0 U3", Basis::HyperFlex),
    (24755229, "9.0.0.0", Basis::FromMemory),
    (24784735, "8.0 U3f", Basis::FromMemory),
    (24859861, "8.0 U3g", Basis::Encyclopaedia),
    (25370933, "9.1.0.0", Basis::LabNotes),
    (25557999, "9.1.0.0200", Basis::LabNotes),
    (25714478, "9.1.1.0", Basis::LabNotes),
];

/// vCenter Server, by build number: that of `vpxd.log`, and that of the installation medium where they differ.
const VCENTER: &[Row] = &[
    (15952498, "7.0 GA", Basis::VersionScript),
    (15952599, "7.0 GA", Basis::VersionScript),
    (15976714, "6.7 U3f (appliance)", Basis::Virten),
    (15976728, "6.7 U3f (appliance)", Basis::Virten),
    (16189094, "7.0.0a", Basis::VersionScript),
    (16189207, "7.0.0a", Basis::VersionScript),
    (16386292, "7.0.0b", Basis::VersionScript),
    (16386335, "7.0.0b", Basis::VersionScript),
    (16620007, "7.0.0c", Basis::VersionScript),
    (16620013, "7.0.0c", Basis::VersionScript),
    (16749653, "7.0.0d", Basis::VersionScript),
    (16749670, "7.0.0d", Basis::VersionScript),
    (16858589, "7.0 U1", Basis::VersionScript),
    (16860138, "7.0 U1", Basis::VersionScript),
    (17004997, "7.0 U1a", Basis::VersionScript),
    (17005016, "7.0 U1a", Basis::VersionScript),
    (17327517, "7.0 U1c", Basis::VersionScript),
    (17327586, "7.0 U1c", Basis::VersionScript),
    (17491101, "7.0 U1d", Basis::VersionScript),
    (17491160, "7.0 U1d", Basis::VersionScript),
    (17694817, "7.0 U2", Basis::VersionScript),
    (17920168, "7.0 U2a", Basis::VersionScript),
    (17958471, "7.0 U2b", Basis::VersionScript),
    (18356314, "7.0 U2c", Basis::VersionScript),
    (18455184, "7.0 U2d", Basis::VersionScript),
    (18700403, "7.0 U3", Basis::VersionScript),
    (18778458, "7.0 U3a", Basis::VersionScript),
    (19234570, "7.0 U3c", Basis::VersionScript),
    (19480866, "7.0 U3d", Basis::VersionScript),
    (19717403, "7.0 U3e", Basis::VersionScript),
    (20051473, "7.0 U3f", Basis::VersionScript),
    (20150588, "7.0 U3g", Basis::VersionScript),
    (20395099, "7.0 U3h", Basis::VersionScript),
    (20519528, "8.0 GA", Basis::VersionScript),
    (20845200, "7.0 U3i", Basis::VersionScript),
    (20920323, "8.0a", Basis::VersionScript),
    (20990077, "7.0 U3j", Basis::VersionScript),
    (21216066, "8.0b", Basis::VersionScript),
    (21290409, "7.0 U3k", Basis::VersionScript),
    (21457384, "8.0c", Basis::VersionScript),
    (21477706, "7.0 U3l", Basis::VersionScript),
    (21560480, "8.0 U1", Basis::VersionScript),
    (21784236, "7.0 U3m", Basis::VersionScript),
    (21815093, "8.0 U1a", Basis::VersionScript),
    (21860503, "8.0 U1b", Basis::VersionScript),
    (21958406, "7.0 U3n", Basis::VersionScript),
    (22088981, "8.0 U1c", Basis::VersionScript),
    (22357613, "7.0 U3o", Basis::VersionScript),
    (22368047, "8.0 U1d", Basis::VersionScript),
    (22385739, "8.0 U2", Basis::VersionScript),
    (22617221, "8.0 U2a", Basis::VersionScript),
    (22837322, "7.0 U3p", Basis::VersionScript),
    (23319993, "8.0 U2b", Basis::VersionScript),
    (23504390, "8.0 U2c", Basis::VersionScript),
    (23788036, "7.0 U3q", Basis::VersionScript),
    (23929136, "8.0 U2d", Basis::VersionScript),
    (24022515, "8.0 U3", Basis::VersionScript),
    (24026615, "7.0 U3r", Basis::VersionScript),
    (24091160, "8.0 U3a", Basis::VersionScript),
    (24201990, "7.0 U3s", Basis::VersionScript),
    (24262322, "8.0 U3b", Basis::VersionScript),
    (24305161, "8.0 U3c", Basis::VersionScript),
    (24322018, "7.0 U3t", Basis::VersionScript),
    (24322831, "8.0 U3d", Basis::VersionScript),
    (24730281, "7.0.3, a later patch of 7.0 U3", Basis::HyperFlex),
    (25148086, "9.0.2", Basis::Info2soft),
];

#[cfg(test)]
mod tests {
    use super::{ESXI, VCENTER, release};

    #[test]
    fn builds_stand_in_order_and_once() {
        for rows in [ESXI, VCENTER] {
            assert!(rows.is_sorted_by(|one, other| one.0 < other.0));
        }
    }

    #[test]
    fn a_build_is_looked_up_for_its_product_alone() {
        let name = |product, build| release(product, build).map(|it| it.name);
        assert_eq!(name("VMware ESX", "22380479").as_deref(), Some("ESXi 8.0 U2"));
        assert_eq!(name("VMware ESX", "14320388").as_deref(), Some("ESXi 6.7 U3"));
        assert_eq!(name("VMware VirtualCenter", "22385739").as_deref(), Some("vCenter Server 8.0 U2"));
        assert_eq!(name("VMware VirtualCenter", "22380479"), None);
        assert_eq!(name("VMware Workstation", "22380479"), None);
    }

    #[test]
    fn what_is_not_in_the_table_is_unknown() {
        // A pre-release that support handed out: it lies between two releases and is neither.
        assert_eq!(release("VMware VirtualCenter", "21267547"), None);
        for build in ["", "0", "22380480", "-1", "99999999999999999999999", "22380479x"] {
            assert_eq!(release("VMware ESX", build), None, "{build}");
        }
    }

    #[test]
    fn what_nobody_checked_says_so() {
        assert!(release("VMware ESX", "24784735").unwrap().from_memory);
        assert!(!release("VMware ESX", "22380479").unwrap().from_memory);
    }
}
