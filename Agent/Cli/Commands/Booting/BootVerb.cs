using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>boot</c>: starts a machine, or a program, from a slot that is verified.</summary>
internal sealed class BootVerb : AgentVerb
{
    private readonly Argument<string> _product = Product();

    private readonly Argument<string[]> _command = new("COMMAND")
    {
        Description = "A program and its arguments, after --. It replaces this one, with the slot in OTA_SLOT, its "
            + "path in OTA_IMAGE and the version in OTA_VERSION.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _root = new("--root")
    {
        Description = "The publisher's trust root, root.json. Default: the one that the agent has accepted. Pass one "
            + "from a verified initramfs if others could write to the agent's folder.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _initramfs = new("--initramfs")
    {
        Description = "Run as the first process of an initramfs: mount the slot and continue with its /sbin/init.",
    };

    private readonly Option<string?> _state = new("--state")
    {
        Description = "With --initramfs, the device with the agent's folder; it is mounted read-only on --home.",
        HelpName = "DEVICE",
    };

    private readonly Option<string?> _modules = new("--modules")
    {
        Description = "With --initramfs, a folder of kernel modules to load first, in the order of their names.",
        HelpName = "DIR",
    };

    /// <summary>Makes the command.</summary>
    public BootVerb(AgentContext context)
        : base(
            context,
            "boot",
            "Starts from the slot that the boot loader has chosen, if a trusted key has signed the image in it; else "
            + "from the other slot.",
            "ota-agent boot firmware",
            "ota-agent boot firmware -- /usr/bin/start-machine",
            "ota-agent boot firmware --initramfs --root /root.json --state /dev/vda1 --home /state")
    {
        Add(_product);
        Add(_command);
        Add(_root);
        Add(_initramfs);
        Add(_state);
        Add(_modules);
    }

    /// <inheritdoc/>
    protected override bool IsChange => true;

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var request = new BootRequest
        {
            Product = parsed.GetRequiredValue(_product),
            RootFile = parsed.GetValue(_root),
        };
        if (parsed.GetValue(_initramfs))
        {
            await StartMachineAsync(parsed, request, cancellationToken);
            return 0;
        }
        var report = OpenAgent(parsed).Boot(request);
        if (parsed.GetValue(_command) is { Length: > 0 } command)
        {
            Describe(Terminal.Error, report);
            SlotProgram.Replace(command, report);
        }
        if (IsJson(parsed))
            Terminal.WriteJson(report, ReportJson.Boot);
        else
            Describe(Terminal.Out, report);
        return 0;
    }

    private async Task StartMachineAsync(
        ParseResult parsed, BootRequest request, CancellationToken cancellationToken)
    {
        var machine = new Initramfs(Clock);
        Initramfs.Begin(parsed.GetValue(_modules));
        if (parsed.GetValue(_state) is { } state)
            await machine.MountAsync(state, HomeOf(parsed), cancellationToken);
        if (LoadSettings(parsed).Products.GetValueOrDefault(request.Product)?.Slots is { } slots)
            await machine.WaitForAnyAsync([slots.A, slots.B], cancellationToken);
        Describe(Terminal.Out, OpenAgent(parsed).Boot(request with { Prepare = Initramfs.MountRoot }));
        await Terminal.Out.FlushAsync(cancellationToken);
        Initramfs.Finish();
    }

    private static void Describe(TextWriter output, BootReport report)
    {
        foreach (var refused in report.Refused)
            output.WriteLine($"slot {refused.Slot} is refused: {refused.Reason}");
        if (report.IsWithdrawn)
            output.WriteLine($"{report.Product} {report.Version} was withdrawn by its publisher: upgrade");
        output.WriteLine($"{report.Product} {report.Version} starts from slot {report.Slot}, {report.Path}");
    }
}
