using System.Runtime.InteropServices;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Passes the signals that this process gets on to a program that it starts.</summary>
/// <remarks>It begins before the program is started, so that no signal ends this process alone.</remarks>
internal sealed class ForwardedSignals : IDisposable
{
    private const int User1 = 10;
    private const int User2 = 12;

    private readonly Lock _changing = new();
    private readonly List<int> _early = [];
    private readonly bool _hasTerminal = ProgramLaunch.HasTerminal();
    private readonly PosixSignalRegistration[] _registrations;
    private LaunchedProgram? _program;

    /// <summary>Begins to keep signals for the program.</summary>
    public ForwardedSignals() =>
        _registrations =
        [
            Forward(PosixSignal.SIGTERM, 15, isStop: true),
            Forward(PosixSignal.SIGHUP, 1, isStop: true),
            Forward(PosixSignal.SIGINT, 2, isStop: true, isOfTerminal: true),
            Forward(PosixSignal.SIGQUIT, 3, isStop: true, isOfTerminal: true),
            Forward((PosixSignal)User1, User1),
            Forward((PosixSignal)User2, User2),
        ];

    /// <summary>Passes on what has come so far, and what comes.</summary>
    /// <param name="program">The program.</param>
    public void PassTo(LaunchedProgram program)
    {
        lock (_changing)
        {
            _program = program;
            foreach (var signal in _early)
                program.Signal(signal);
        }
    }

    /// <summary>True once the program was asked to end.</summary>
    public bool HasAskedToStop { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private PosixSignalRegistration Forward(
        PosixSignal signal, int number, bool isStop = false, bool isOfTerminal = false) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            HasAskedToStop |= isStop;
            // A terminal sends these to the program as well.
            if (isOfTerminal && _hasTerminal)
                return;
            lock (_changing)
            {
                if (_program is null)
                    _early.Add(number);
                else
                    _program.Signal(number);
            }
        });
}
