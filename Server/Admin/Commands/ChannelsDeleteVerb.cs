using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>channels delete</c>: ends a channel.</summary>
internal sealed class ChannelsDeleteVerb : AdminVerb
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string> _channel = new("CHANNEL")
    {
        Description = "The channel; always named here, never from OTA_CHANNEL.",
    };

    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Only for this platform; without it, for all.",
        HelpName = "RID",
    }.FromEnvironment("OTA_PLATFORM");

    private readonly Option<bool> _force = new("--force")
    {
        Description = "Delete it even if devices follow it: they get CHANNEL_UNKNOWN until they follow another one.",
    };

    public ChannelsDeleteVerb(AdminContext context) : base(context, "delete",
        "Deletes a channel; its releases stay. Refused while devices follow it. A channel of the same name that is "
        + "published to later goes on where this one ended. Needs an admin token.",
        "ota-admin channels delete app stabel",
        "ota-admin channels delete app beta --platform linux-x64 --force")
    {
        Add(_product);
        Add(_channel);
        Add(_platform);
        Add(_force);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (product, channel) = (parsed.GetRequiredValue(_product), parsed.GetRequiredValue(_channel));
        var platform = parsed.GetValue(_platform);
        Names.CheckProduct(product);
        Names.CheckChannel(channel);
        if (platform is not null)
            Names.CheckPlatform(platform);
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        DeleteChannelResponse deleted;
        try
        {
            deleted = await session.Administration.DeleteChannelAsync(
                new DeleteChannelRequest
                {
                    Product = product,
                    Name = channel,
                    Platform = platform ?? "",
                    Force = parsed.GetValue(_force),
                },
                cancellationToken: cancellationToken);
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.InUse)
        {
            throw new ChunkOtaException(e.Code, e.Message, e)
            {
                Hint = $"ota-admin channels delete {product} {channel}"
                    + (platform is null ? "" : $" --platform {platform}") + " --force",
            };
        }

        if (IsJson(parsed))
            Terminal.WriteJson(
                new DroppedChannel(product, channel, [.. deleted.Platforms], deleted.Devices),
                AdminJson.Default.DroppedChannel);
        else
            Terminal.WriteLine(
                $"deleted {product} {channel} ({string.Join(' ', deleted.Platforms)}), "
                + $"{Printable.Count(deleted.Devices, "device")} followed it");
    }
}
