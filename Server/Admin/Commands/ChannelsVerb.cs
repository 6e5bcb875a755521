using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>channels</c>: what is current where, and until when.</summary>
internal sealed class ChannelsVerb : AdminVerb
{
    private readonly Argument<string?> _product = new Argument<string?>("PRODUCT")
    {
        Description = "Only this product's.",
        Arity = ArgumentArity.ZeroOrOne,
    }.FromEnvironment("OTA_PRODUCT");

    private readonly Option<string?> _root = new("--root")
    {
        Description = "Verify the pointers by this trust root; without it, what the server says is shown as it is.",
        HelpName = "FILE",
    };

    public ChannelsVerb(AdminContext context) : base(context, "channels",
        "Lists channels: which release is current in each, and how long its pointer is good for.",
        "ota-admin channels",
        "ota-admin channels app --root keys/root.json")
    {
        Add(_product);
        Add(_root);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var root = parsed.GetValue(_root) is { } file ? KeyFolder.ReadRoot(file) : null;
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var listed = await session.Administration.ListChannelsAsync(
            new ListChannelsRequest { Product = parsed.GetValue(_product) ?? "" },
            cancellationToken: cancellationToken);
        var lines = listed.Channels.Select(channel => Line(channel, root)).ToList();
        var warnings = await RenewalWarnings.FindAsync(
            session, parsed.GetValue(_product), Clock.GetUtcNow(), cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new ChannelList(lines, warnings), AdminJson.Default.ChannelList);
            return;
        }

        var table = new TextTable("product", "platform", "channel", "version", "counter", "seq", "expires", "withdrawn",
            "pointer");
        foreach (var line in lines)
        {
            table.Add(line.Product, line.Platform, line.Channel, line.Version,
                line.Counter.ToString(CultureInfo.InvariantCulture), line.Seq.ToString(CultureInfo.InvariantCulture),
                $"{Printable.Time(line.ExpiresUnixSeconds)} ({Left(line.ExpiresUnixSeconds)})",
                line.Withdrawn.Count.ToString(CultureInfo.InvariantCulture),
                line.Verified ? "verified" : "not verified");
        }

        table.WriteTo(Terminal);
        Warn(warnings);
    }

    private static ChannelLine Line(Channel channel, VerifiedRoot? root)
    {
        // Without a root nothing can be verified: the server's answer is shown and marked as unverified.
        var pointer = root is null
            ? ChannelPointer.Parser.ParseFrom(channel.Pointer.Payload)
            : VerifiedPointer.Verify(channel.Pointer, root).Value;
        return new ChannelLine
        {
            Product = channel.Product,
            Platform = channel.Platform,
            Channel = channel.Name,
            Version = pointer.Current.Version,
            Counter = pointer.Current.Counter,
            Seq = pointer.Seq,
            IssuedUnixSeconds = pointer.IssuedUnixSeconds,
            ExpiresUnixSeconds = pointer.ExpiresUnixSeconds,
            ManifestDigest = Convert.ToHexStringLower(pointer.Current.ManifestDigest.Span),
            Withdrawn = [.. pointer.Revoked.Select(digest => Convert.ToHexStringLower(digest.Span))],
            Verified = root is not null,
        };
    }

    private string Left(long expiresUnixSeconds)
    {
        var left = TimeSpan.FromSeconds(expiresUnixSeconds - Clock.GetUtcNow().ToUnixTimeSeconds());
        return left <= TimeSpan.Zero ? "expired" : $"{(int)left.TotalDays} d {left.Hours} h left";
    }
}
