using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace ChunkOta.Tests.Support;

/// <summary>Does something with the rights of another user on files, without the rights of root. Needs root.</summary>
internal static partial class OtherUser
{
    /// <summary>The user and group that nobody's files have.</summary>
    public const int Nobody = 65534;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Acts as nobody, on a thread of its own: the kernel keeps these rights by thread.</summary>
    public static void AsNobody(Action action)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                _ = SetGroup(Nobody);
                _ = SetUser(Nobody);
                Assert.True(SetUser(Nobody) == Nobody, "it needs root");
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.IsBackground = true;
        thread.Start();
        Assert.True(thread.Join(Patience), $"what nobody does did not end within {Patience.TotalMinutes} minutes");
        failure?.Throw();
    }

    /// <summary>Gives a file, directory or link to nobody.</summary>
    public static void GiveToNobody(string path) =>
        Assert.True(ChangeOwner(path, Nobody, Nobody) == 0, $"{path} cannot be given away: it needs root");

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetUser(int user);

    [LibraryImport("libc", EntryPoint = "setfsgid")]
    private static partial int SetGroup(int group);

    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, int user, int group);
}
