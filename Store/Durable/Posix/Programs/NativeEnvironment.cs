using System.Runtime.InteropServices;

namespace ChunkOta.Durable;

/// <summary>The environment variables as native libraries in this process read them.</summary>
public static partial class NativeEnvironment
{
    /// <summary>Sets a variable for native code alone: this program, and the programs that it starts, still see what it
    /// was started with.</summary>
    /// <remarks>For the start of a program, before other threads run.</remarks>
    /// <param name="name">The variable.</param>
    /// <param name="value">Its value.</param>
    public static void Set(string name, string value)
    {
        // From here on the runtime answers from a copy of its own.
        _ = Environment.GetEnvironmentVariables();
        _ = SetVariable(name, value, 1);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrites);
}
