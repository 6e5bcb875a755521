using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>channels keep</c>: how many releases a channel keeps.</summary>
internal sealed class ChannelsKeepVerb : AdminVerb
{
    private const string All = "all";

    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly EnvironmentArgument _channel = EnvironmentArgument.Channel();

    private readonly Argument<uint> _keep = new("N")
    {
        Description = $"Its newest releases, for each platform; or {All}.",
        CustomParser = result => result.Tokens is [var token] && Parse(token.Value) is { } keep
            ? keep
            : Fail(result),
    };

    public ChannelsKeepVerb(AdminContext context) : base(context, "keep",
        "Sets how many of its newest releases a channel keeps. Collections delete the older ones, unless another "
        + "channel keeps them, a channel points to them, devices run them, or they are anchors. Needs an admin token.",
        "ota-admin channels keep app stable 10",
        "ota-admin channels keep app stable all")
    {
        Add(_product);
        Add(_channel);
        Add(_keep);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (product, channel) = (parsed.GetRequiredValue(_product), parsed.GetRequiredValue(_channel));
        Names.CheckProduct(product);
        Names.CheckChannel(channel);
        var keep = parsed.GetRequiredValue(_keep);
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        await session.Administration.SetRetentionAsync(
            new SetRetentionRequest { Product = product, Channel = channel, Keep = keep },
            cancellationToken: cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(
                new ChannelRetention(product, channel, keep == 0 ? null : keep), AdminJson.Default.ChannelRetention);
        else
            Terminal.WriteLine(keep == 0
                ? $"{product} {channel} keeps all its releases"
                : $"{product} {channel} keeps its newest {Printable.Count(keep, "release")} for each platform");
    }

    /// <summary>0 for all; null for anything that is not a number above 0.</summary>
    private static uint? Parse(string text) => text == All ? 0
        : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var keep) && keep > 0 ? keep
        : null;

    private static uint Fail(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError($"N is a number of releases above 0, or {All}");
        return 0;
    }
}
