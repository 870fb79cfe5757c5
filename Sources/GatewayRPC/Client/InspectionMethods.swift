// The methods of `Inspection` as clients call them.

/// The methods of the service `Inspection`.
package enum InspectionMethods {
    private typealias Method = PB_Inspection.Method

    package static let getStatus = ControlMethod<PB_get_status_req, PB_gateway_status>(
        Method.get_status.descriptor)
    package static let getActivity = ControlMethod<PB_get_activity_req, PB_gateway_activity>(
        Method.get_activity.descriptor)
}
