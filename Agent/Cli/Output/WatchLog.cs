using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>The events of <c>watch</c> as lines on standard error, where the service manager's journal reads them.
/// What repeats itself is written once.</summary>
/// <param name="notes">Gets events; nothing where the user asked for quiet.</param>
/// <param name="failures">Gets failures.</param>
internal sealed class WatchLog(Terminal notes, Terminal failures) : IProgress<WatchEvent>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Report(WatchEvent value)
    {
        var (product, prefix) = (value.Product ?? "", value.Product is { } name ? $"{name}: " : "");
        lock (_lock)
        {
            if (value.Product is not null && _last.GetValueOrDefault(product) == value.Text)
                return;
            _last[product] = value.Text;
            if (value.Failure is { } failure)
                failures.Error.WriteLine($"{prefix}error {failure.Code}: {OneLine.Of(value.Text)}");
            else
                notes.Error.WriteLine($"{prefix}{OneLine.Of(value.Text)}");
        }
    }
}
