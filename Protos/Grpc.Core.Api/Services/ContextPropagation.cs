namespace Grpc.Core;

/// <summary>What of a call being served goes on to the calls its handler makes.</summary>
public class ContextPropagationOptions(bool propagateDeadline = true, bool propagateCancellation = true)
{
    public static readonly ContextPropagationOptions Default = new();

    public bool IsPropagateDeadline { get; } = propagateDeadline;

    public bool IsPropagateCancellation { get; } = propagateCancellation;
}

public abstract class ContextPropagationToken
{
    internal ContextPropagationToken() { }
}
