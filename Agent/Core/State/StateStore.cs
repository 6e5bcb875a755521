using System.Text.Json;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The record of what is installed, on disk.</summary>
/// <param name="home">The product's folder.</param>
internal sealed class StateStore(ProductHome home)
{
    /// <summary>The unit in which file systems hand out space, bytes.</summary>
    private const int BlockBytes = 4096;

    /// <summary>The space that the record of a later switch may need, bytes.</summary>
    private const int ReserveBytes = 1024;

    /// <summary>Reads the record; null when nothing was ever installed or begun.</summary>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: both generations are damaged.</exception>
    public ProductState? Find()
    {
        try
        {
            return home.StateFile.Find() is { } payload
                ? JsonSerializer.Deserialize(payload, AgentJson.Default.ProductState)
                : null;
        }
        catch (Exception e) when (e is JsonException or (ChunkOtaException and not FileSystemException))
        {
            throw new ChunkOtaException(
                ErrorCodes.IoError,
                $"{home.Root}/state.a and state.b are damaged: move them away and install again, "
                + "which finds what is installed",
                e);
        }
    }

    /// <summary>Reads the record.</summary>
    /// <param name="product">For the message.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>: there is none, or nothing is current.</exception>
    public ProductState Get(string product) =>
        Find() is { Current: not null } state ? state : throw NotInstalled(product);

    /// <summary>Reads the record of a product that upgrades follow; a release need not be current.</summary>
    /// <param name="product">For the message.</param>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>: upgrades do not follow it.</exception>
    public ProductState GetFollowed(string product) =>
        Find() is { IsFollowed: true } state ? state : throw NotInstalled(product);

    /// <summary>Writes the record; when it returns, the record survives a power cut.</summary>
    /// <param name="state">The whole record.</param>
    /// <returns>The same record.</returns>
    public ProductState Save(ProductState state)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(state, AgentJson.Default.ProductState);
        try
        {
            home.StateFile.Write(Padded(json));
        }
        catch (FileSystemException e) when (e.Code == ErrorCodes.DiskFull)
        {
            home.StateFile.Write(json);
        }
        return state;
    }

    private ChunkOtaException NotInstalled(string product) => new(
        ErrorCodes.NotInstalled, $"{product} is not installed in {Path.GetDirectoryName(home.Root)}");

    /// <summary>Adds blanks, so that a record that is a little longer needs no further space: going back and pruning
    /// must be possible on a full disk.</summary>
    private static byte[] Padded(byte[] json)
    {
        var blocks = (json.Length + TwoGenerationFile.OverheadBytes + ReserveBytes + BlockBytes - 1) / BlockBytes;
        var padded = new byte[(blocks * BlockBytes) - TwoGenerationFile.OverheadBytes];
        padded.AsSpan().Fill((byte)' ');
        json.CopyTo(padded, 0);
        return padded;
    }
}
