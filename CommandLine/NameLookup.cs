using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChunkOta.Cli;

/// <summary>Keeps a static program from loading the host's name-service modules: they belong to another libc than the
/// one linked in, and two in one process crash where their versions differ.</summary>
internal static partial class NameLookup
{
    /// <summary>Host names come from <c>/etc/hosts</c> and DNS, which libc has built in, whatever
    /// <c>/etc/nsswitch.conf</c> names; users from <c>/etc/passwd</c>.</summary>
    internal static void UseWhatIsLinkedIn()
    {
        if (RuntimeFeature.IsDynamicCodeSupported) return;
        if (Configure("hosts", "files dns") != 0 || Configure("passwd", "files") != 0)
            throw new InvalidOperationException("libc refuses to look names up by itself.");
    }

    [LibraryImport("libc", EntryPoint = "__nss_configure_lookup", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Configure(string database, string services);
}
